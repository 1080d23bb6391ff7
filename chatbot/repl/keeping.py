"""Commands about conversations kept: /open, /search, /show and /rename."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatbot.errors import UsageError
from chatbot.repl.behind import changing, looking, noted
from chatbot.repl.commands import Choices, Command
from chatbot.repl.loading import Stop
from chatbot.repl.recording import PRIVATE, chosen, conversation_choices, history_of, no_history, not_recorded
from chatbot.repl.talk import Shown, Talk
from chatbot.repl.view import BRIEF, View

if TYPE_CHECKING:
    from chatbot.store.records import Annotation, Transcript

FOUND = 10  # places that /search shows
RECALLED = 3  # turns that /open shows of what was said before


def _no_open(talk: Talk) -> str | None:
    return PRIVATE if talk.private else no_history(talk)


def _open(talk: Talk, text: str) -> Shown:
    number = chosen(talk, text, "open")
    if number == talk.number:
        raise UsageError(f"conversation {number} is open already")
    talk.resume(number)
    transcript = history_of(talk).show(number)
    hidden = len(transcript.path) - RECALLED
    if transcript.path and transcript.path[-1].reply is None:
        talk.draft = transcript.path[-1].turn.text  # it is not gone on from, but Enter says it again

    def show(view: View) -> None:
        view.note(f"Conversation {number}: {transcript.conversation.title}")
        if hidden > 0:
            view.note(f"({hidden} earlier turn{'s' if hidden > 1 else ''}: /show)")
        _print(view, transcript, RECALLED, BRIEF)

    return show


def _show(talk: Talk, text: str, stop: Stop) -> Shown:
    if not text and not talk.number:
        raise UsageError("/show needs the number of a conversation, or 'last': nothing of this one is kept yet")
    number = chosen(talk, text, "show") if text else talk.number
    assert number is not None
    transcript = history_of(talk).show(number)

    def show(view: View) -> None:
        view.note(f"Conversation {number}: {transcript.conversation.title}")
        _remarks(view, transcript.about(None))
        _print(view, transcript, len(transcript.path))

    return show


def _print(view: View, transcript: Transcript, turns: int, most: int | None = None) -> None:
    """The last turns of the branch that stands, with what was said about them; of long texts the first lines."""
    for step in transcript.path[-turns:] if turns else ():
        view.said(step.turn.text, most)
        if step.reply is None:
            view.note("(no reply)")
        else:
            view.reply(step.reply.text, step.reply.complete, most)
            _remarks(view, transcript.about(step.reply.id))
    if not transcript.path:
        view.note("(all of it was taken back)")


def _remarks(view: View, annotations: tuple[Annotation, ...]) -> None:
    from chatbot.store.annotations import described

    for one in annotations:
        view.note(f"  ({described(one)})")


def _show_choices(talk: Talk, words: list[str]) -> Choices:
    here = [(str(talk.number), "this conversation")] if talk.number and len(words) == 1 else []
    return [*here, *conversation_choices(talk, words)]


def _rename(talk: Talk, text: str) -> Shown:
    if not text:
        raise UsageError("/rename needs a title: /rename TITLE")
    assert talk.number is not None
    title = history_of(talk).rename(talk.number, text)
    return noted(f"Conversation {talk.number} is now: {title}")


def _title_choices(talk: Talk, words: list[str]) -> Choices:
    """The title it has, to be edited."""
    if len(words) != 1 or not talk.number:
        return ()
    return [(history_of(talk).show(talk.number).conversation.title, "the title it has")]


def _search(talk: Talk, text: str, stop: Stop) -> Shown:
    from chatbot.store.searching import search

    found = search(history_of(talk), text, FOUND + 1)
    if not found:
        return noted("Nothing found; a word that ends in * stands for all that begin with it.")
    here = talk.number
    rows = [
        (f"{'*' if one.conversation_id == here else ' '}{one.conversation_id}", f"{_who(one.kind)}: {one.snippet}")
        for one in found[:FOUND]
    ]
    more = " There is more: chatbot history search." if len(found) > FOUND else ""

    def show(view: View) -> None:
        view.table(rows)
        view.note(f"Go on with one: /open NUMBER.{more}")

    return show


def _who(kind: str) -> str:
    return {"turn": "you", "reply": "bot"}.get(kind, kind)


OPEN = Command(
    "open", "[id|last]", "go on with an earlier conversation", changing(_open), _no_open, conversation_choices
)
SHOW = Command(
    "show", "[id|last]", "the whole of this conversation, or of another", looking(_show), no_history, _show_choices
)
RENAME = Command("rename", "TITLE", "give this conversation a title", changing(_rename), not_recorded, _title_choices)
SEARCH = Command("search", "WORDS", "find words in all that is kept", looking(_search), no_history)
