"""Baselines: what is kept on purpose, compared with later, checked when it is read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from talks import LINES, branches, talk

from chatbot.dialogue.model import Model
from chatbot.errors import StoreError, UsageError
from chatbot.replay import baselines
from chatbot.replay.player import Playing
from chatbot.replay.playing import replay
from chatbot.replay.results import Verdict
from chatbot.store.history import History


@pytest.fixture
def blessed(tiny: Model, stranger: Model, history: History) -> Path:
    """What `stranger` says in a conversation that `tiny` had."""
    talk(history, tiny)
    return baselines.bless("good", replay(branches(history), [stranger]), branches(history))


def test_the_same_model_says_what_was_blessed(blessed: Path, stranger: Model, history: History) -> None:
    kept = baselines.load("good")
    assert (kept.model, kept.fingerprint) == ("stranger", stranger.fingerprint)
    found = replay(branches(history), [stranger], Playing(references=kept.reference, baseline="good"))
    assert not found.differs
    turns = found.models[0].branches[0].turns
    assert [turn.free.verdict for turn in turns if turn.free] == [Verdict.SAME] * 3
    assert all(turn.likelihood and turn.likelihood.gap == 0 for turn in turns)


def test_another_model_differs_from_it(blessed: Path, tiny: Model, history: History) -> None:
    kept = baselines.load("good")
    assert replay(branches(history), [tiny], Playing(references=kept.reference)).differs


def test_it_is_for_its_owner_and_holds_nothing_a_person_said(blessed: Path) -> None:
    assert blessed.stat().st_mode & 0o777 == 0o600
    assert blessed.parent.stat().st_mode & 0o777 == 0o700
    content = blessed.read_text()
    assert not any(line in content for line in LINES)


def test_a_turn_that_is_not_in_it_is_not_compared(
    blessed: Path, stranger: Model, tiny: Model, history: History
) -> None:
    dialogue = talk(history, tiny)  # another conversation with the same words
    assert dialogue.conversation_id == 2
    kept = baselines.load("good")
    found = replay(branches(history), [stranger], Playing(references=kept.reference))
    first, second = found.models[0].branches
    assert {turn.forced.verdict for turn in first.turns if turn.forced} == {Verdict.SAME}
    assert {turn.forced.verdict for turn in second.turns if turn.forced} == {Verdict.NONE}


def test_a_forgotten_conversation_is_dropped(blessed: Path, history: History) -> None:
    (branch,) = branches(history)
    assert baselines.forget(["0" * 32]) == []
    assert baselines.forget([branch.uid]) == ["good"]
    assert baselines.load("good").conversations == {}
    assert baselines.forget([branch.uid]) == []


def test_a_forgotten_text_is_dropped_wherever_it_was_said(blessed: Path, history: History) -> None:
    (turns,) = baselines.load("good").conversations.values()
    word = turns[baselines.sum_of(branches(history)[0], 1)]["forced"].text.split()[0]
    assert baselines.forget([], ["no such words"]) == []
    assert baselines.forget([], [word.upper()]) == ["good"]
    assert word not in blessed.read_text()


def test_only_one_model_is_blessed(tiny: Model, stranger: Model, history: History) -> None:
    talk(history, tiny)
    with pytest.raises(UsageError, match="2 played"):
        baselines.bless("two", replay(branches(history), [tiny, stranger]), branches(history))


@pytest.mark.parametrize("name", ["", "../up", "a/b", ".hidden", "-x", "x" * 101, "a\nb"])
def test_a_name_is_plain(name: str) -> None:
    with pytest.raises(UsageError, match="a baseline's name"):
        baselines.path_of(name)


def test_an_unknown_one_says_what_there_is(blessed: Path) -> None:
    with pytest.raises(UsageError, match="did you mean 'good'"):
        baselines.load("god")
    blessed.unlink()
    with pytest.raises(UsageError, match="--bless NAME"):
        baselines.load("good")


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (("format",), "chatbot replay baseline 2", "expected format"),
        (("model",), 3, "model must be a str"),
        (("changes",), {"beam": 3}, "unknown setting 'beam'"),
        (("changes",), [], "changes must be a dict"),
        (("conversations",), {"u": []}, "expected an object"),
        (("conversations",), {"u": {"t": {"both": {}}}}, "expected 'forced' and 'free'"),
        (("conversations",), {"u": {"t": {"free": {"text": 1, "token_ids": []}}}}, "text must be a str"),
        (("conversations",), {"u": {"t": {"free": {"text": "", "token_ids": [-1]}}}}, "token_ids must be integers"),
    ],
)
def test_a_wrong_one_is_one_line(blessed: Path, place: tuple[str], value: object, message: str) -> None:
    content = json.loads(blessed.read_text())
    content[place[0]] = value
    blessed.write_text(json.dumps(content))
    with pytest.raises(StoreError, match=message) as caught:
        baselines.load("good")
    assert str(blessed) in str(caught.value)


def test_a_truncated_one_is_one_line(blessed: Path) -> None:
    blessed.write_bytes(blessed.read_bytes()[:-30])
    with pytest.raises(StoreError, match=r"not valid JSON .* keep the baseline anew"):
        baselines.load("good")
