"""What one kind of expectation is: its name, how its argument is written, and how it is found to hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chatbot.scripts.evidence import Evidence
from chatbot.scripts.shapes import Shape


@dataclass(frozen=True, slots=True)
class Found:
    """Whether it holds, and what is the case, in words that follow "the reply" where it does not hold and where it
    does: "has 7 words".
    """

    holds: bool
    what: str


@dataclass(frozen=True, slots=True)
class Kind:
    """`help` goes on from the name. `over_samples` is checked once for all samples together, not on each."""

    name: str
    help: str
    shape: Shape
    check: Callable[[Any, Evidence], Found]
    over_samples: bool = False
