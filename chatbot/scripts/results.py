"""What came of a run: for every dialogue its turns, what was said at each, and which expectations held how often."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from chatbot.scripts.interval import wilson
from chatbot.scripts.script import Dialogue, Expectation, ScriptTurn

PASSED, FAILED, ERROR, SKIPPED = "passed", "failed", "error", "not run"
TOLERANCE = 1e-9  # of a pass rate: 0.7 of 10 is 7


@dataclass(frozen=True, slots=True)
class Checked:
    """One expectation at one turn: in how many samples it held, and of the first where it did not, why and after what.

    `samples` is 1 for an expectation over all samples together.
    """

    expectation: Expectation
    passed: int
    samples: int
    pass_rate: float
    why: str = ""
    said: str = ""

    @property
    def ok(self) -> bool:
        """Whether it held often enough."""
        return self.passed / self.samples >= self.pass_rate - TOLERANCE

    @property
    def interval(self) -> tuple[float, float]:
        """Where the true share lies, with 95 % confidence."""
        return wilson(self.passed, self.samples)


@dataclass(frozen=True, slots=True)
class TurnResult:
    """One turn of a dialogue: what was said to each sample, with which seed, and what it replied."""

    turn: ScriptTurn
    users: tuple[str, ...]
    replies: tuple[str, ...]
    seeds: tuple[int, ...]
    checked: tuple[Checked, ...]


@dataclass(frozen=True, slots=True)
class Stopped:
    """A dialogue that could not go on in some samples: at a turn nothing could be answered or nothing captured."""

    path: Path
    line: int
    why: str
    samples: int


@dataclass(frozen=True, slots=True)
class DialogueResult:
    """One dialogue with one model. `error` says why it could not be held at all; `repeat` counts from 0."""

    dialogue: Dialogue
    model: str
    fingerprint: str = ""
    repeat: int = 0
    turns: tuple[TurnResult, ...] = ()
    stopped: tuple[Stopped, ...] = ()
    seconds: float = 0.0
    error: str = ""
    skipped: bool = False

    @property
    def status(self) -> str:
        """One of PASSED, FAILED, ERROR and SKIPPED."""
        if self.error:
            return ERROR
        if self.broken:
            return FAILED
        return SKIPPED if self.skipped else PASSED

    @property
    def broken(self) -> bool:
        """Whether something expected of it did not hold."""
        held = (self.dialogue.samples - sum(one.samples for one in self.stopped)) / self.dialogue.samples
        return held < self.dialogue.pass_rate - TOLERANCE or any(not one.ok for t in self.turns for one in t.checked)


@dataclass(frozen=True, slots=True)
class Unread:
    """A script that could not be read; `message` begins with the file."""

    path: Path
    message: str


@dataclass(frozen=True, slots=True)
class Report:
    """All of a run, in the order of the files."""

    results: tuple[DialogueResult, ...]
    unread: tuple[Unread, ...] = ()
    seconds: float = 0.0
    models: tuple[str, ...] = field(default=())

    def count(self, status: str, model: str | None = None) -> int:
        """How many dialogues ended so, with one model or all."""
        return sum(one.status == status for one in self.results if model in (None, one.model))

    @property
    def passed(self) -> bool:
        """Whether all was read, and nothing broke."""
        return not self.unread and not self.count(FAILED) and not self.count(ERROR)
