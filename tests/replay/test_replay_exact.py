"""Exact replays: the logged words from the receipt, or which of model, settings, seed and context differs."""

from __future__ import annotations

import pytest
from talks import LINES, alter_reply, branches, talk

from chatbot.dialogue.model import Model
from chatbot.replay.exact import Said, exact
from chatbot.replay.known import KnownModels
from chatbot.store.history import History


def said(history: History, *models: Model, named: Model | None = None) -> list[Said]:
    return exact(branches(history), named, KnownModels(*models))


@pytest.mark.parametrize("settings", [{}, {"beam_size": 4}, {"temperature": 0.0, "beam_size": 3}])
def test_the_words_are_had_again(tiny: Model, history: History, settings: dict[str, object]) -> None:
    talk(history, tiny, **settings).retry()
    found = said(history, tiny)
    assert [(one.number, one.reproduced, one.causes, one.notes) for one in found] == [
        (1, True, (), ()),
        (2, True, (), ()),
        (3, True, (), ()),
    ]
    assert all(one.new == one.old for one in found)


def test_a_model_that_is_gone_is_named(tiny: Model, history: History) -> None:
    talk(history, tiny, LINES[:1])
    (only,) = said(history)
    assert not only.reproduced
    assert only.new is None
    assert only.causes[0].startswith(f"model: tiny ({tiny.fingerprint[:12]}) is not among the known models")


def test_another_model_is_named_even_where_it_says_the_same(tiny: Model, twin: Model, history: History) -> None:
    talk(history, tiny, LINES[:1])
    (only,) = said(history, named=twin)
    assert only.reproduced
    assert only.causes[0].startswith("model: the reply is of tiny")
    assert "twin" in only.causes[0]


@pytest.mark.parametrize(
    ("values", "cause"),
    [
        ({"settings": None}, "settings: its settings were not kept"),
        ({"settings": {"temperature": 0.8, "novelty": 3}}, "settings: that this version does not know"),
        ({"settings": {"temperature": 0.8}, "seed": None}, "seed: its seed was not kept"),
        ({"context_ids": None, "text": "other words"}, "context: the receipt holds none"),
        ({"fingerprint": None}, "model: none was kept"),
        ({"text": "other words"}, "receipt: its text is not that of its tokens; it was changed after it was kept"),
        ({"token_ids": None, "text": "other words"}, "model, settings, seed and context are the same"),
    ],
)
def test_what_differs_is_named(tiny: Model, history: History, values: dict[str, object], cause: str) -> None:
    talk(history, tiny, LINES[:1])
    alter_reply(history, 1, **{"text": "words that nobody says", **values})
    (only,) = said(history, named=tiny)
    assert not only.reproduced
    assert any(cause in one for one in only.causes), only.causes


@pytest.mark.parametrize(
    ("values", "cause"),
    [
        ({"seed": 6}, "model, settings, seed and context are the same, but the words are not: rounding, or another"),
        ({"tokens": ["never", "said"]}, "receipt: its tokens are not those of their ids; it was changed"),
        ({"token_log_probs": [-1.0] * 99}, "receipt: its log-probabilities are not those of its tokens in its context"),
        ({"context_ids": [7, 8, 9]}, "receipt: its log-probabilities are not those of its tokens in its context; it"),
    ],
)
def test_a_receipt_that_was_changed_is_known_where_it_contradicts_itself(
    tiny: Model, history: History, values: dict[str, object], cause: str
) -> None:
    talk(history, tiny, LINES[:1])
    alter_reply(history, 1, **{"seed": 6, **values})
    (only,) = said(history, tiny)
    assert not only.reproduced
    assert only.causes[0].startswith(cause)


def test_another_context_in_the_log_is_noted(tiny: Model, history: History) -> None:
    talk(history, tiny)
    alter_reply(history, 1, text="Something that was never said.")
    first, second, third = said(history, tiny)
    assert not first.reproduced
    assert second.reproduced
    assert "context" in second.notes[0]
    assert third.reproduced


def test_a_stopped_reply_is_had_again_as_far_as_it_went(tiny: Model, history: History) -> None:
    talk(history, tiny, LINES[:1])
    reply = branches(history)[0].steps[0].reply
    assert reply
    alter_reply(history, 1, text=reply.text[:3], token_ids=list(reply.token_ids[:1]), complete=False)
    (only,) = said(history, tiny)
    assert only.reproduced
    assert "stopped" in only.notes[0]
    alter_reply(history, 1, text="zzz", token_ids=[300])
    (only,) = said(history, tiny)
    assert only.causes == ("it was stopped, and where is not kept",)
