"""Commands about conversations kept: /open, /search, /show and /rename."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatbot.errors import UsageError
from chatbot.repl.commands import Choices, Command
from chatbot.repl.recording import PRIVATE, chosen, conversation_choices, history_of, no_history, not_recorded
from chatbot.repl.talk import Talk

if TYPE_CHECKING:
    from chatbot.store.records import Annotation, Transcript

FOUND = 10  # places that /search shows
RECALLED = 3  # turns that /open shows of what was said before


def _no_open(talk: Talk) -> str | None:
    return PRIVATE if talk.private else no_history(talk)


def _open(talk: Talk, text: str) -> None:
    number = chosen(talk, text, "open")
    if number == talk.number:
        raise UsageError(f"conversation {number} is open already")
    talk.resume(number)
    transcript = history_of(talk).show(number)
    talk.view.note(f"Conversation {number}: {transcript.conversation.title}")
    hidden = len(transcript.path) - RECALLED
    if hidden > 0:
        talk.view.note(f"({hidden} earlier turn{'s' if hidden > 1 else ''}: /show)")
    _print(talk, transcript, RECALLED)


def _show(talk: Talk, text: str) -> None:
    if not text and not talk.number:
        raise UsageError("/show needs the number of a conversation, or 'last': nothing of this one is kept yet")
    number = chosen(talk, text, "show") if text else talk.number
    assert number is not None
    transcript = history_of(talk).show(number)
    talk.view.note(f"Conversation {number}: {transcript.conversation.title}")
    _remarks(talk, transcript.about(None))
    _print(talk, transcript, len(transcript.path))


def _print(talk: Talk, transcript: Transcript, turns: int) -> None:
    """The last turns of the branch that stands, with what was said about them."""
    for step in transcript.path[-turns:] if turns else ():
        talk.view.said(step.turn.text)
        if step.reply is None:
            talk.view.note("(no reply)")
        else:
            talk.view.reply(step.reply.text, step.reply.complete)
            _remarks(talk, transcript.about(step.reply.id))
    if not transcript.path:
        talk.view.note("(all of it was taken back)")


def _remarks(talk: Talk, annotations: tuple[Annotation, ...]) -> None:
    from chatbot.store.annotations import described

    for one in annotations:
        talk.view.note(f"  ({described(one)})")


def _show_choices(talk: Talk, words: list[str]) -> Choices:
    here = [(str(talk.number), "this conversation")] if talk.number and len(words) == 1 else []
    return [*here, *conversation_choices(talk, words)]


def _rename(talk: Talk, text: str) -> None:
    if not text:
        raise UsageError("/rename needs a title: /rename TITLE")
    assert talk.number is not None
    title = history_of(talk).rename(talk.number, text)
    talk.view.note(f"Conversation {talk.number} is now: {title}")


def _title_choices(talk: Talk, words: list[str]) -> Choices:
    """The title it has, to be edited."""
    if len(words) != 1 or not talk.number:
        return ()
    return [(history_of(talk).show(talk.number).conversation.title, "the title it has")]


def _search(talk: Talk, text: str) -> None:
    from chatbot.store.searching import search

    found = search(history_of(talk), text, FOUND + 1)
    if not found:
        talk.view.note("Nothing found; a word that ends in * stands for all that begin with it.")
        return
    talk.view.table(
        (
            f"{'*' if one.conversation_id == talk.number else ' '}{one.conversation_id}",
            f"{_who(one.kind)}: {one.snippet}",
        )
        for one in found[:FOUND]
    )
    more = " There is more: chatbot history search." if len(found) > FOUND else ""
    talk.view.note(f"Go on with one: /open NUMBER.{more}")


def _who(kind: str) -> str:
    return {"turn": "you", "reply": "bot"}.get(kind, kind)


OPEN = Command("open", "[id|last]", "go on with an earlier conversation", _open, _no_open, conversation_choices)
SHOW = Command("show", "[id|last]", "the whole of this conversation, or of another", _show, no_history, _show_choices)
RENAME = Command("rename", "TITLE", "give this conversation a title", _rename, not_recorded, _title_choices)
SEARCH = Command("search", "WORDS", "find words in all that is kept", _search, no_history)
