"""Edits, replies taken instead, places gone back to and forks: siblings in a tree, nothing is overwritten."""

from __future__ import annotations

from dataclasses import replace

import pytest
from toy_dialogue import toy_model

from chatbot.dialogue.dialogue import Dialogue
from chatbot.errors import ChatbotError, UsageError
from chatbot.store.annotations import annotate, bookmark, note, rate
from chatbot.store.forking import fork
from chatbot.store.history import History
from chatbot.store.recorded import RecordedDialogue


@pytest.fixture
def dialogue(history: History) -> RecordedDialogue:
    """Two turns, answered."""
    dialogue = RecordedDialogue(Dialogue(toy_model(beam_size=3)), history)
    dialogue.reply("hello")
    dialogue.reply("why")
    return dialogue


def said(dialogue: RecordedDialogue) -> list[tuple[str, str | None]]:
    return [(turn.text, turn.reply.text) for turn in dialogue.turns]


def path(history: History, number: int = 1) -> list[tuple[str, str | None]]:
    return [(step.turn.text, step.reply and step.reply.text) for step in history.show(number).path]


@pytest.mark.parametrize("place", [1, 2])
def test_an_edited_turn_is_a_sibling(dialogue: RecordedDialogue, history: History, place: int) -> None:
    before = history.show(1)
    dialogue.edit(place, "what")
    after = history.show(1)
    assert [text for text, _ in said(dialogue)] == ["hello", "what"][2 - place :]
    assert path(history) == said(dialogue)
    assert after.turns[: len(before.turns)] == before.turns
    assert after.turns[-1].parent_reply_id == before.turns[place - 1].parent_reply_id


def test_an_edit_that_fails_leaves_all_as_it_was(dialogue: RecordedDialogue, history: History) -> None:
    before = said(dialogue)

    def fail() -> bool:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        dialogue.edit(1, "what", fail)
    assert path(history) == said(dialogue) == before
    dialogue.reply("more")
    assert path(history) == said(dialogue)
    assert len(said(dialogue)) == 3


def test_a_reply_taken_instead_is_a_sibling_and_not_doubled(dialogue: RecordedDialogue, history: History) -> None:
    first = dialogue.turns[-1].reply
    second = replace(first, text="No.", token_ids=(*first.token_ids, 7), rank=1)
    dialogue.take(second, dialogue.model)
    assert said(dialogue)[-1] == ("why", "No.")
    assert path(history) == said(dialogue)
    dialogue.take(first, dialogue.model)
    assert path(history)[-1] == said(dialogue)[-1] == ("why", first.text)
    assert [reply.text for reply in history.show(1).turns[-1].replies] == [first.text, "No."]
    dialogue.reply("more")
    assert path(history) == said(dialogue)


def test_any_reply_can_be_gone_on_from(dialogue: RecordedDialogue, history: History) -> None:
    dialogue.stand(history.show(1).turns[0].replies[0].id)
    assert len(said(dialogue)) == 1
    dialogue.reply("else")
    assert path(history) == said(dialogue)
    assert len(history.show(1).turns) == 3
    with pytest.raises(UsageError, match="has no reply 99"):
        dialogue.stand(99)


def test_a_fork_is_a_copy_that_goes_its_own_way(dialogue: RecordedDialogue, history: History) -> None:
    dialogue.retry()
    before = history.show(1)
    number = fork(history, 1)
    copy = history.show(number)
    assert (number, path(history, number)) == (2, path(history, 1))
    assert copy.conversation.title == "hello (fork)"
    assert [step.reply and step.reply.receipt() for step in copy.path] == [
        step.reply and step.reply.receipt() for step in before.path
    ]
    assert [len(turn.replies) for turn in copy.turns] == [1, 1]
    RecordedDialogue.resume(Dialogue(toy_model()), history, number).reply("more")
    assert history.show(1) == before
    assert len(path(history, number)) == 3


def test_what_was_said_about_replies_comes_along_with_a_fork(dialogue: RecordedDialogue, history: History) -> None:
    gone = dialogue.last
    dialogue.retry()
    assert gone
    assert dialogue.last
    turn_id, reply_id = dialogue.last
    rate(history, gone[1], 1)
    rate(history, reply_id, 5)
    note(history, 1, reply_id, "well said")
    note(history, 1, None, "a quiet talk")
    annotate(history, 1, "tags", "a name", turn_id=turn_id, fingerprint="f", data=[1])
    bookmark(history, 1)
    before = history.show(1)
    copy = history.show(fork(history, 1))
    last = copy.path[-1]
    assert last.reply
    assert [(one.kind, one.text) for one in copy.about(last.reply.id)] == [("rating", "5"), ("note", "well said")]
    assert [(one.kind, one.data, one.fingerprint) for one in copy.about_turn(last.turn.id)] == [("tags", [1], "f")]
    assert copy.about(None) == ()
    assert len(copy.annotations) == 3
    assert history.show(1) == before


def test_what_was_never_answered_cannot_be_forked(history: History) -> None:
    number, _ = history.start_conversation("hello")
    with pytest.raises(UsageError, match="nothing to copy"):
        fork(history, number)
    with pytest.raises(ChatbotError, match="no conversation 9"):
        fork(history, 9)
