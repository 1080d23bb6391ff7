"""What is kept is found again: rows, order, branches, odd text."""

from __future__ import annotations

import math
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from toy_dialogue import toy_model

from chatbot.decoding.rerank import Part
from chatbot.dialogue.reply import Alternative
from chatbot.dialogue.wellformed import well_formed
from chatbot.errors import StoreError
from chatbot.store import history as history_module
from chatbot.store.annotations import GENERATION, TAGS, TRANSLATION, annotate
from chatbot.store.history import History
from chatbot.store.rows import moment

MODEL = toy_model()
REPLY = MODEL.answer(["hello"], [False], replace(MODEL.settings, beam_size=3), seed=2**63 - 1)


def test_a_reply_comes_back_with_its_whole_receipt(history: History) -> None:
    number, turn = history.start_conversation("hello")
    history.add_reply(turn, REPLY, MODEL)
    (step,) = history.show(number).path
    assert step.reply is not None
    assert step.reply.receipt() == REPLY
    assert (step.turn.text, step.reply.model, step.reply.turn_id) == ("hello", "toy", turn)


def test_a_reply_that_was_ranked_anew_keeps_what_it_was_ranked_by(history: History) -> None:
    number, turn = history.start_conversation("hello")
    parts = {"model": Part(-1.5, 1.0), "reverse": Part(-0.25, 0.5), "odd": Part(math.inf, 1.0)}
    ranked = replace(
        REPLY, parts=parts, reverse_fingerprint="f" * 64, alternatives=(Alternative("x", -2.0, -1.0, parts),)
    )
    history.add_reply(turn, ranked, MODEL)
    (step,) = history.show(number).path
    assert step.reply is not None
    found = step.reply.receipt()
    assert found.reverse_fingerprint == "f" * 64
    for kept in (found.parts, found.alternatives[0].parts):
        assert (kept["model"], kept["reverse"]) == (parts["model"], parts["reverse"])
        assert math.isnan(kept["odd"].score)


def test_what_models_made_of_a_turn_a_reply_and_a_conversation(history: History) -> None:
    number, turn = history.start_conversation("hello")
    reply = history.add_reply(turn, REPLY, MODEL)
    made = {"fingerprint": "a" * 64, "settings": {"beam_size": 5}, "data": {"source": "en", "target": "de"}}
    numbers = [
        annotate(history, number, TRANSLATION, "hallo", turn_id=turn, **made),
        annotate(history, number, TAGS, "[greeting]", reply_id=reply, data=[[0, 5, "greeting"]]),
        annotate(history, number, GENERATION, "and so on", fingerprint="b" * 64),
    ]
    transcript = history.show(number)
    ((translation,), (tags,), (generation,)) = (
        transcript.about_turn(turn),
        transcript.about(reply),
        transcript.about(None),
    )
    assert [translation.id, tags.id, generation.id] == numbers
    assert {name: getattr(translation, name) for name in made} == made
    assert (tags.data, tags.fingerprint, tags.settings) == ([[0, 5, "greeting"]], None, None)
    assert (generation.text, generation.turn_id) == ("and so on", None)
    with pytest.raises(StoreError, match="no conversation 9"):
        annotate(history, 9, TAGS, "x")
    for wrong in ({"turn_id": 99}, {"reply_id": 99}):
        with pytest.raises(StoreError, match="use another file"):
            annotate(history, number, TAGS, "x", **wrong)


def test_numbers_that_json_has_not(history: History) -> None:
    number, turn = history.start_conversation("hello")
    broken = replace(
        REPLY, score=math.nan, token_log_probs=(-math.inf,), alternatives=(Alternative("x", math.inf, -1.0),)
    )
    history.add_reply(turn, broken, MODEL)
    found = history.show(number).path[0].reply
    assert found is not None
    assert found.score is None
    assert math.isnan(found.token_log_probs[0])
    assert math.isnan(found.alternatives[0].score)
    assert math.isnan(found.receipt().score)


def test_settings_of_a_newer_version_are_shown_but_not_replayed(history: History) -> None:
    number, turn = history.start_conversation("hello")
    history.add_reply(turn, REPLY, MODEL)
    (step,) = history.show(number).path
    assert step.reply is not None
    newer = replace(step.reply, settings={**(step.reply.settings or {}), "mood": 3})
    with pytest.raises(StoreError, match=r"reply 1: unknown setting 'mood'.*newer version"):
        newer.receipt()


def test_the_list_is_by_time_and_counts(history: History) -> None:
    first, turn = history.start_conversation("one")
    second, _ = history.start_conversation("two\nlines  and more")
    reply = history.add_reply(turn, REPLY, MODEL)
    history.add_turn(first, "again", reply)
    found = history.list_conversations()
    assert [one.id for one in found] == [first, second]
    assert [(one.title, one.turns, one.model) for one in found] == [("one", 2, "toy"), ("two lines and more", 1, None)]
    assert history.latest() == first
    assert [one.id for one in history.list_conversations(1)] == [first]
    assert [one.id for one in history.list_conversations(5, 1)] == [second]
    assert abs(found[0].updated_at - datetime.now(UTC)) < timedelta(minutes=5)
    assert found[0].fingerprint == MODEL.fingerprint


def test_an_empty_history(history: History) -> None:
    assert history.list_conversations() == []
    assert history.latest() is None
    with pytest.raises(StoreError, match="no conversation 1; list them with: chatbot history list"):
        history.show(1)


def test_a_long_text_gives_a_short_title(history: History) -> None:
    history.start_conversation("word " * 5000)
    (one,) = history.list_conversations()
    assert len(one.title) == history_module.TITLE_LENGTH
    assert history.show(one.id).turns[0].text == "word " * 5000


def test_what_is_gone_cannot_be_added_to(history: History) -> None:
    with pytest.raises(StoreError, match="no conversation 7"):
        history.add_turn(7, "hello")
    with pytest.raises(StoreError, match="turn 7 no longer exists"):
        history.add_reply(7, REPLY, MODEL)
    with pytest.raises(StoreError, match="no conversation 7"):
        history.set_leaf(7, None, None)


def test_the_leaf_chooses_the_branch(history: History) -> None:
    number, first = history.start_conversation("hello")
    one, two = (history.add_reply(first, replace(REPLY, text=text), MODEL) for text in ("one", "two"))
    under_two = history.add_turn(number, "under two", two)
    under_one = history.add_turn(number, "under one", one)
    last = history.add_reply(under_one, replace(REPLY, text="last"), MODEL)

    def path() -> list[tuple[str, str | None]]:
        return [(step.turn.text, step.reply and step.reply.text) for step in history.show(number).path]

    assert path() == [("hello", "one"), ("under one", "last")]
    history.set_leaf(number, under_two, None)
    assert path() == [("hello", "two"), ("under two", None)]
    history.set_leaf(number, None, None)
    assert path() == []
    history.set_leaf(number, under_one, last)
    transcript = history.show(number)
    assert [turn.text for turn in transcript.turns] == ["hello", "under two", "under one"]
    assert [[reply.text for reply in turn.replies] for turn in transcript.turns] == [["one", "two"], [], ["last"]]


def test_models_are_kept_once_each(history: History) -> None:
    other = toy_model(fingerprint="e" * 64)
    _, turn = history.start_conversation("hello")
    for model in (MODEL, other, MODEL):
        history.add_reply(turn, replace(REPLY, fingerprint=model.fingerprint), model)
    replies = history.show(1).turns[0].replies
    assert [reply.fingerprint for reply in replies] == ["f" * 64, "e" * 64, "f" * 64]
    assert history.list_conversations()[0].fingerprint == "f" * 64


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(codec=None), min_size=1))
def test_any_text_comes_back(history: History, text: str) -> None:
    number, turn = history.start_conversation(text)
    alternatives = (Alternative(text, -1.0, -2.0),)
    history.add_reply(turn, replace(REPLY, text=text, tokens=(text,), alternatives=alternatives), MODEL)
    history.add_input_line(text)
    (step,) = history.show(number).path
    assert step.reply is not None
    assert step.turn.text == step.reply.text == history.recent_input_lines(1)[0] == well_formed(text)
    assert step.reply.tokens == (text,)
    assert history.list_conversations(1)[0].id == number


def test_nul_and_surrogates_cut_nothing_off(history: History) -> None:
    number, _ = history.start_conversation("a\x00b\ud83dc")
    assert history.show(number).turns[0].text == "a\ufffdb\ufffdc"


def test_input_lines_are_latest_first_capped_and_not_doubled(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_module, "MOST_INPUT_LINES", 5)
    for line in ["a", "a", *"bcdefgh", "h"]:
        history.add_input_line(line)
    assert history.recent_input_lines() == list("hgfed")
    assert history.recent_input_lines(2) == ["h", "g"]


def test_times_are_exact() -> None:
    assert moment(1_700_000_000_123_456) == datetime(2023, 11, 14, 22, 13, 20, 123456, tzinfo=UTC)
    assert moment(-1) == datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)


def test_ten_threads_lose_nothing(history: History) -> None:
    def talk(name: int) -> None:
        number, turn = history.start_conversation(f"{name}: 0")
        for count in range(1, 5):
            reply = history.add_reply(turn, replace(REPLY, text=f"re {name}: {count - 1}"), MODEL)
            turn = history.add_turn(number, f"{name}: {count}", reply)

    threads = [threading.Thread(target=talk, args=(name,)) for name in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = [history.show(one.id) for one in history.list_conversations()]
    assert sorted([step.turn.text for step in one.path] for one in found) == [
        [f"{name}: {count}" for count in range(5)] for name in range(10)
    ]
