"""Which reply a command is about, the model that made it, and why a command cannot look at it now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatbot.errors import UsageError
from chatbot.repl.commands import Choices
from chatbot.repl.talk import Talk

if TYPE_CHECKING:
    from chatbot.dialogue.model import Model
    from chatbot.dialogue.reply import Reply

IDENTIFYING = 12  # letters of a fingerprint that are shown


def no_turn(talk: Talk) -> str | None:
    """For a command about the last turn."""
    if talk.turns:
        return None
    return "all that was said is taken back" if talk.number else "nothing was said yet"


def nothing_said(talk: Talk) -> str | None:
    """For a command about the last text, which an error may have left unanswered."""
    return None if talk.unanswered else no_turn(talk)


def not_explained(talk: Talk) -> str | None:
    """For a command that asks the model about its last reply."""
    return no_turn(talk) or _unexplained(talk, reply_at(talk))


def reply_at(talk: Talk, place: int | None = None) -> Reply:
    """The reply to turn `place` (1 is the first), None is the last."""
    return talk.conversation.result().turns[-1 if place is None else place - 1].reply


def place_of(talk: Talk, text: str, command: str) -> int | None:
    """The number of a turn as typed; None where nothing was. `UsageError` for anything else."""
    if not text:
        return None
    if not (text.isdecimal() and text.isascii() and len(text) < 9 and 1 <= int(text) <= talk.turns):
        turns = f"from 1 to {talk.turns}" if talk.turns > 1 else "1, as there is one turn"
        raise UsageError(f"/{command} takes the number of a turn, {turns}, but received {text[:40]!r}")
    return int(text)


def place_choices(talk: Talk, words: list[str]) -> Choices:
    """The turns so far, latest first, with what was replied."""
    if len(words) != 1 or not talk.turns:
        return ()
    turns = list(enumerate(talk.conversation.result().turns, start=1))
    return [(str(place), turn.reply.text) for place, turn in reversed(turns)]


def explainer(talk: Talk, reply: Reply) -> Model:
    """The model that made a reply; `UsageError` where it is not the one that is loaded."""
    if why := _unexplained(talk, reply):
        raise UsageError(why)
    return talk.model.result()


def _unexplained(talk: Talk, reply: Reply) -> str | None:
    if not talk.loaded:
        return "the model is not loaded yet"
    if not reply.context_ids or not reply.token_log_probs:
        return "this reply came without a receipt"
    own = talk.model.result().fingerprint
    if reply.fingerprint != own:
        made = f"model '{reply.model}' ({reply.fingerprint[:IDENTIFYING]})"
        return f"{made} made this reply, but {own[:IDENTIFYING]} is loaded; load it with /model"
    return None
