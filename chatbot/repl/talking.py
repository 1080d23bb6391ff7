"""Commands about the conversation: /new, /undo and /history."""

from __future__ import annotations

from chatbot.errors import UsageError
from chatbot.repl.behind import changing, looking, noted
from chatbot.repl.commands import Command
from chatbot.repl.loading import Stop
from chatbot.repl.standing import nothing_said
from chatbot.repl.talk import Shown, Talk
from chatbot.repl.view import BRIEF, View

SHOWN = 10  # conversations that /history lists unless told otherwise


def _not_kept(talk: Talk) -> str | None:
    return None if talk.keep else "nothing is kept in this session (--no-history)"


def _new(talk: Talk, text: str) -> None:
    talk.begin()
    talk.view.note("A new conversation.")


def _undo(talk: Talk, text: str) -> Shown:
    taken = talk.conversation.result().undo()
    return lambda view: view.note(f"Took back: {taken}" if taken else "There is nothing to take back.", BRIEF)


def _history(talk: Talk, text: str, stop: Stop) -> Shown:
    if text and not (text.isdecimal() and len(text) <= 6 and int(text)):
        raise UsageError(f"/history takes a number of conversations, but received {text[:40]!r}")
    history = talk.opened.result()
    found = history.list_conversations(int(text or SHOWN)) if history else []
    if not found:
        return noted("No conversation is kept yet.")
    now = talk.number
    rows = [
        (
            f"{'*' if one.id == now else ' '}{one.id}",
            one.updated_at.astimezone().strftime("%Y-%m-%d %H:%M"),
            f"{one.turns} turn{'s' if one.turns != 1 else ' '}",
            one.title,
        )
        for one in reversed(found)
    ]

    def show(view: View) -> None:
        view.table(rows)
        view.note("Go on with one: /open NUMBER. Read one: /show NUMBER")

    return show


NEW = Command("new", "", "start a new conversation", _new)
UNDO = Command("undo", "", "take back your last line and its reply", changing(_undo), nothing_said)
HISTORY = Command("history", "[n]", "the latest conversations kept", looking(_history), _not_kept)
