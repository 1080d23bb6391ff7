"""A scripted dialogue as read: what is said, and what is expected of each reply. All of it checked, none of it run."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from chatbot.settings import DecodingSettings

REFUSED = "refused"  # the one expectation on a turn that gets no reply


@dataclass(frozen=True, slots=True)
class Expectation:
    """One expectation, without the `not_` of its name; `argument` is what its kind made of the value in the file."""

    name: str
    negated: bool
    argument: Any
    line: int

    @property
    def spelled(self) -> str:
        """Its name as it stands in the file."""
        return f"not_{self.name}" if self.negated else self.name


@dataclass(frozen=True, slots=True)
class Capture:
    """A variable: what a pattern finds in the reply (its first group, or all of it where it has none)."""

    name: str
    pattern: str
    line: int


@dataclass(frozen=True, slots=True)
class ScriptTurn:
    """One thing said to the model and what is expected of its reply; `path` is the file it is written in."""

    user: str
    line: int
    path: Path
    expectations: tuple[Expectation, ...] = ()
    captures: tuple[Capture, ...] = ()

    @property
    def where(self) -> str:
        """File and line, as an error begins."""
        return f"{self.path}:{self.line}"

    @property
    def may_be_refused(self) -> bool:
        """Whether it expects not to be answered; the dialogue then goes on as if the turn had not been."""
        return any(one.name == REFUSED and not one.negated for one in self.expectations)


@dataclass(frozen=True, slots=True)
class Dialogue:
    """One dialogue of a script.

    `settings` are those that differ from the model's own. With `samples` above 1 the whole dialogue is held that many
    times with seeds derived from `seed`, and each expectation must hold in at least the share `pass_rate` of them.
    """

    name: str
    path: Path
    line: int
    turns: tuple[ScriptTurn, ...]
    model: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    seed: int = 0
    tags: tuple[str, ...] = ()
    samples: int = 1
    pass_rate: float = 1.0

    @property
    def where(self) -> str:
        """File and line, as an error begins."""
        return f"{self.path}:{self.line}"

    def decoding(self, own: DecodingSettings) -> DecodingSettings:
        """How its replies are searched for by a model whose own settings are these."""
        return replace(own, **{**self.settings, "seed": self.seed})


@dataclass(frozen=True, slots=True)
class Suite:
    """All dialogues of one file, in its order; their names differ."""

    path: Path
    dialogues: tuple[Dialogue, ...]
