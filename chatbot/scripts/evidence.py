"""What a turn offers to the expectations on it: the model, all turns up to it, and the replies of other samples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from chatbot.dialogue.dialogue import Turn
from chatbot.dialogue.model import Model
from chatbot.dialogue.reply import Reply

if TYPE_CHECKING:
    from chatbot.store.records import Transcript


class Session(Protocol):
    """The dialogue up to a turn as a session in the terminal would hold it, its history in a place of its own."""

    def run(self, command: str) -> str:
        """What a side command such as "/why" prints."""
        ...

    def transcript(self) -> Transcript:
        """What the history holds now."""
        ...


@dataclass(frozen=True, slots=True)
class Evidence:
    """What expectations are checked against.

    `turns` go up to the one that is checked, which is the last. `samples` are the texts of all samples' replies at
    this turn, for expectations over samples; without them the reply is the only one. `session` opens the session of
    this turn, the same at each call. Where the turn could not be answered, `refusal` is the error's line and `turns`
    are those before it; only the expectation `refused` can then be checked.
    """

    model: Model
    turns: tuple[Turn, ...]
    samples: tuple[str, ...] = ()
    session: Callable[[], Session] | None = None
    refusal: str = ""

    @property
    def reply(self) -> Reply:
        """The reply that is checked."""
        return self.turns[-1].reply

    @property
    def text(self) -> str:
        """Its words."""
        return self.turns[-1].reply.text

    @property
    def earlier(self) -> tuple[str, ...]:
        """The replies before it, oldest first."""
        return tuple(turn.reply.text for turn in self.turns[:-1])
