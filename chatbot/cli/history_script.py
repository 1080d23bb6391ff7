"""Conversations kept -> a script for `chatbot test`: what holds on many seeds when they are held again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from chatbot.errors import BundleError, UsageError

if TYPE_CHECKING:
    from chatbot.dialogue.model import Model
    from chatbot.scripts.from_life import Lived
    from chatbot.store.history import History


def script_lines(history: History, numbers: Sequence[int]) -> Iterator[str]:
    """The lines of one script of all these conversations; those in which nothing was answered are left out."""
    from chatbot.inference.threads import use_one_thread

    use_one_thread()
    from chatbot.scripts.from_life import life_lines

    known: dict[str, tuple[Model, str | None]] = {}
    lives = [life for number in numbers if (life := _lived(history, number, known))]
    if not lives:
        raise UsageError("there is no conversation with a reply to make a script of; talk first, with: chatbot")
    yield from life_lines(lives)


def _lived(history: History, number: int, known: dict[str, tuple[Model, str | None]]) -> Lived | None:
    from chatbot.scripts.from_life import lived, turns_of

    transcript = history.show(number)
    turns = turns_of(transcript)
    if not turns:
        return None
    name = turns[-1].reply.model
    if name not in known:
        known[name] = _model(name)
    return lived(transcript.conversation.title, turns, *known[name])


def _model(name: str) -> tuple[Model, str | None]:
    """The model of a name, as a reply has it, and that name; without such a model the default one, and None."""
    from chatbot.cli.options import chosen_model
    from chatbot.dialogue.model import Model

    if name:
        try:
            return Model.load(name), name
        except (UsageError, BundleError):  # it had another name then, or is no longer there
            pass
    return Model.load(chosen_model(None)), None
