"""What of this session is recorded: the history, the conversation in it, and why a command cannot use them now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatbot.errors import StoreError, UsageError
from chatbot.repl.commands import Choices
from chatbot.repl.talk import Talk

if TYPE_CHECKING:
    from chatbot.store.history import History
    from chatbot.store.recorded import RecordedDialogue

OFFERED = 20  # conversations that completion lists
PRIVATE = "nothing is kept now; /private off starts a conversation that is"
LAST = "last"  # typed for a conversation: the one talked in last


def no_history(talk: Talk) -> str | None:
    """For a command about conversations kept earlier."""
    return None if talk.keep else "nothing is kept in this session (--no-history)"


def not_recorded(talk: Talk) -> str | None:
    """For a command about this conversation as it is kept."""
    if why := no_history(talk):
        return why
    if talk.private:
        return PRIVATE
    return None if talk.number else "nothing of this conversation is kept yet"


def no_reply(talk: Talk) -> str | None:
    """For a command about the last reply as it is kept."""
    if why := not_recorded(talk):
        return why
    return None if recorded(talk).last else "there is no reply yet"


def history_of(talk: Talk) -> History:
    """The history, once it is open."""
    history = talk.opened.result()
    assert history is not None, "prevented without a history"
    return history


def recorded(talk: Talk) -> RecordedDialogue:
    """The conversation with its place in the history."""
    from chatbot.store.recorded import RecordedDialogue

    dialogue = talk.conversation.result()
    assert isinstance(dialogue, RecordedDialogue), "prevented where it is not kept"
    return dialogue


def last_reply(talk: Talk) -> int:
    """The number of the reply that stands last."""
    last = recorded(talk).last
    assert last is not None, "prevented before the first reply"
    return last[1]


def chosen(talk: Talk, text: str, command: str) -> int:
    """The number of the conversation that a person means: a number, "last", or "" for the last one but this."""
    if text not in ("", LAST):
        if not (text.isdecimal() and text.isascii() and len(text) < 19):
            raise UsageError(f"/{command} takes the number of a conversation, or 'last', but received {text[:40]!r}")
        return int(text)
    others = [one.id for one in history_of(talk).list_conversations(2) if one.id != talk.number]
    if not others:
        raise StoreError("there is no other conversation yet")
    return others[0]


def conversation_choices(talk: Talk, words: list[str]) -> Choices:
    """The conversations talked in last, with their titles; waits for the history."""
    if len(words) != 1 or no_history(talk):
        return ()
    found = history_of(talk).list_conversations(OFFERED)
    numbered = [(str(one.id), one.title) for one in found if one.id != talk.number]
    return [(LAST, numbered[0][1]), *numbered] if numbered else ()
