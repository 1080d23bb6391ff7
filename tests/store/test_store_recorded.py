"""A dialogue that is kept while it goes on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from toy_dialogue import ToyStepper, toy_model

from chatbot.dialogue.dialogue import Dialogue
from chatbot.errors import ConfigError, StoreError, UsageError
from chatbot.store.history import History
from chatbot.store.recorded import RecordedDialogue


def recorded(history: History, **decoding: float) -> RecordedDialogue:
    return RecordedDialogue(Dialogue(toy_model(**decoding)), history)


def path(history: History, number: int) -> list[tuple[str, str | None]]:
    return [(step.turn.text, step.reply and step.reply.text) for step in history.show(number).path]


def said(dialogue: RecordedDialogue) -> list[tuple[str, str]]:
    return [(turn.text, turn.reply.text) for turn in dialogue.turns]


def test_nothing_is_kept_before_something_is_said(history: History) -> None:
    dialogue = recorded(history)
    with pytest.raises(UsageError, match="nothing to answer"):
        dialogue.reply("  \n ")
    with pytest.raises(UsageError, match="nothing to retry"):
        dialogue.retry()
    assert dialogue.undo() is None
    assert history.list_conversations() == []


def test_a_turn_is_kept_before_its_reply_is_computed(history: History) -> None:
    class Watching(ToyStepper):
        def start(self, sources):
            seen.append(path(history, 1))
            return super().start(sources)

    seen: list[list[tuple[str, str | None]]] = []
    dialogue = RecordedDialogue(Dialogue(toy_model(Watching())), history)
    reply = dialogue.reply("hello")
    dialogue.reply("why")
    assert seen == [[("hello", None)], [("hello", reply.text), ("why", None)]]
    assert path(history, 1) == said(dialogue)


class Failing(ToyStepper):
    """Fails once `broken` is set."""

    broken: BaseException | None = None

    def start(self, sources):
        if self.broken:
            raise self.broken
        return super().start(sources)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), MemoryError()])
def test_a_text_whose_reply_fails_is_kept_and_the_dialogue_goes_on_from_before(
    history: History, error: BaseException
) -> None:
    stepper = Failing()
    dialogue = RecordedDialogue(Dialogue(toy_model(stepper)), history)
    dialogue.reply("hello")
    stepper.broken = error
    with pytest.raises(type(error)):
        dialogue.reply("lost")
    assert path(history, 1)[-1] == ("lost", None)
    stepper.broken = None
    dialogue.reply("again")
    assert path(history, 1) == said(dialogue)
    assert [turn.text for turn in history.show(1).turns] == ["hello", "lost", "again"]


def test_a_text_without_words_is_kept_though_nothing_answers_it(history: History) -> None:
    with pytest.raises(UsageError, match="nothing to answer"):
        recorded(history).reply("\x1b[2J".replace("J", ""))
    assert path(history, 1) == [("\x1b[2", None)]


def test_a_reply_that_cannot_be_kept_is_not_given(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise StoreError("the disk is full")

    dialogue = recorded(history)
    dialogue.reply("hello")
    before = dialogue.turns
    monkeypatch.setattr(history, "add_reply", refuse)
    for attempt in (lambda: dialogue.reply("why"), dialogue.retry):
        with pytest.raises(StoreError):
            attempt()
        assert dialogue.turns == before
    monkeypatch.undo()
    dialogue.retry()
    assert path(history, 1) == said(dialogue)


def test_a_text_whose_reply_failed_can_be_retried_or_taken_back(history: History) -> None:
    dialogue = recorded(history)
    dialogue.reply("hello")
    good = dialogue.settings
    for text in ("why", "when"):
        dialogue.settings = replace(good, beam_size=2, beam_groups=3)
        with pytest.raises(ConfigError):
            dialogue.reply(text)
        dialogue.settings = good
        if text == "why":
            dialogue.retry()
            assert dialogue.last == (2, 2)
    assert dialogue.undo() == "when"
    assert path(history, 1) == said(dialogue) == [(turn.text, turn.reply.text) for turn in dialogue.turns]
    assert [turn.text for turn in dialogue.turns] == ["hello", "why"]
    assert [len(turn.replies) for turn in history.show(1).turns] == [1, 1, 0]
    dialogue.settings = replace(good, beam_size=2, beam_groups=3)
    with pytest.raises(ConfigError):
        dialogue.edit(1, "who")
    dialogue.settings = good
    dialogue.retry()
    assert [len(turn.replies) for turn in history.show(1).turns] == [1, 2, 0, 0]


def test_retries_are_siblings_and_undo_deletes_nothing(history: History) -> None:
    dialogue = recorded(history)
    first = [dialogue.reply("hello"), dialogue.retry(), dialogue.retry()]
    dialogue.reply("why")
    assert dialogue.undo() == "why"
    dialogue.reply("when")
    transcript = history.show(1)
    assert [reply.receipt() for reply in transcript.turns[0].replies] == first
    assert [turn.text for turn in transcript.turns] == ["hello", "why", "when"]
    assert path(history, 1) == said(dialogue) == [("hello", first[-1].text), ("when", dialogue.turns[-1].reply.text)]
    assert (dialogue.undo(), dialogue.undo(), dialogue.undo()) == ("when", "hello", None)
    assert path(history, 1) == []
    dialogue.reply("anew")
    assert path(history, 1) == said(dialogue)


def test_a_new_conversation_begins_with_its_first_turn(history: History) -> None:
    dialogue = recorded(history)
    dialogue.reply("hello")
    dialogue.clear()
    assert (dialogue.turns, dialogue.conversation_id, len(history.list_conversations())) == ((), None, 1)
    dialogue.reply("hello")
    assert (dialogue.conversation_id, len(history.list_conversations())) == (2, 2)


def test_model_and_settings_are_those_of_the_dialogue(history: History) -> None:
    dialogue = recorded(history)
    dialogue.settings = toy_model(beam_size=2).settings
    dialogue.model = toy_model(fingerprint="e" * 64)
    reply = dialogue.reply("hello")
    assert (dialogue.model.fingerprint, dialogue.settings.beam_size) == (reply.fingerprint, reply.settings.beam_size)


def test_resumed_it_goes_on_as_if_it_had_not_ended(history: History) -> None:
    one, other = recorded(history, seed=7, temperature=1), recorded(history, seed=7, temperature=1)
    for dialogue in (one, other):
        dialogue.reply("hello")
        dialogue.retry()
        dialogue.reply("why")
    resumed = RecordedDialogue.resume(Dialogue(toy_model(seed=7, temperature=1)), history, 2)
    assert resumed.turns == other.turns
    assert [one.retry().text, one.reply("so").text] == [resumed.retry().text, resumed.reply("so").text]
    assert path(history, 1) == path(history, 2) == said(resumed)


def test_resumed_after_a_turn_that_was_never_answered(history: History) -> None:
    dialogue = recorded(history)
    dialogue.reply("hello")
    history.add_turn(1, "killed", dialogue._kept[-1][1])
    resumed = RecordedDialogue.resume(Dialogue(toy_model()), history, 1)
    assert said(resumed) == said(dialogue)
    resumed.reply("again")
    assert path(history, 1) == said(resumed)
    assert [turn.text for turn in history.show(1).turns] == ["hello", "killed", "again"]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["reply", "retry", "undo", "clear", "resume"]), max_size=12))
def test_whatever_is_done_the_history_stands_where_the_dialogue_does(history: History, deeds: list[str]) -> None:
    dialogue, kept = recorded(history, temperature=1), set()
    for place, deed in enumerate(deeds):
        if deed == "reply":
            dialogue.reply("abcdefghijkl"[place])
        elif deed == "retry" and dialogue.turns:
            dialogue.retry()
        elif deed == "undo":
            dialogue.undo()
        elif deed == "clear":
            dialogue.clear()
        elif deed == "resume" and dialogue.conversation_id:
            dialogue = RecordedDialogue.resume(dialogue.dialogue, history, dialogue.conversation_id)
        if dialogue.conversation_id:
            transcript = history.show(dialogue.conversation_id)
            assert [(s.turn.text, s.reply and s.reply.receipt()) for s in transcript.path] == [
                (turn.text, turn.reply) for turn in dialogue.turns
            ]
            kept |= {(dialogue.conversation_id, turn.text, one.text) for turn in dialogue.turns for one in [turn.reply]}
    found = {
        (c.id, t.text, r.text)
        for c in history.list_conversations()
        for t in history.show(c.id).turns
        for r in t.replies
    }
    assert kept <= found
