"""Shapes of numbers: one within bounds, and bounds on a number, alone or beside what they are about."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chatbot.scripts.mappings import Fields
from chatbot.scripts.nodes import Node
from chatbot.scripts.shapes import Shape

_SPELLED = re.compile(
    r"(?:(?P<word>at least|at most|>=|<=)\s*(?P<bound>[-+.\d]+)|(?P<low>[-+.\d]+)\s*(?:to|\.\.)\s*(?P<high>[-+.\d]+))"
)
_RANGE_SCHEMA = r"^\s*((at least|at most|>=|<=)\s*[-+]?[\d.]+|[-+]?[\d.]+\s*(to|\.\.)\s*[-+]?[\d.]+)\s*$"


@dataclass(frozen=True, slots=True)
class Number:
    """A number within bounds, whole if `whole`."""

    minimum: float = -math.inf
    maximum: float = math.inf
    whole: bool = False

    @property
    def words(self) -> str:
        """What to write."""
        return "N" if self.whole else "NUMBER"

    def read(self, node: Node) -> Any:
        """The number."""
        kinds = (int,) if self.whole else (int, float)
        if type(node.value) in kinds and self.minimum <= node.value <= self.maximum:
            return node.value
        bounds = [f"at least {self.minimum:g}"] if math.isfinite(self.minimum) else []
        bounds += [f"at most {self.maximum:g}"] if math.isfinite(self.maximum) else []
        what = "expected a whole number" if self.whole else "expected a number"
        raise node.wrong(" ".join([what, " and ".join(bounds)]).rstrip())

    def schema(self) -> dict[str, Any]:
        """A number."""
        bounds = {"minimum": self.minimum, "maximum": self.maximum}
        kind = {"type": "integer" if self.whole else "number"}
        return kind | {name: value for name, value in bounds.items() if math.isfinite(value)}


@dataclass(frozen=True, slots=True)
class Interval:
    """Numbers from `low` to `high`, both counted."""

    low: float = -math.inf
    high: float = math.inf

    def __contains__(self, number: float) -> bool:
        return self.low <= number <= self.high

    def __str__(self) -> str:
        if self.low == self.high:
            return f"{self.low:g}"
        if math.isinf(self.high):
            return f"at least {self.low:g}"
        return f"at most {self.high:g}" if math.isinf(self.low) else f"{self.low:g} to {self.high:g}"


@dataclass(frozen=True, slots=True)
class Range:
    """Bounds on a number: 3, "at least 3", "at most 5", "1 to 9", ">= 3", or {min: 1, max: 9}."""

    words: str = "RANGE"

    def read(self, node: Node) -> Interval:
        """The interval."""
        found = self._interval(node)
        if found is None or not found.low <= found.high:
            raise node.wrong("expected bounds such as 3, at least 3, at most 5, 1 to 9, or {min: 1, max: 9}")
        return found

    def _interval(self, node: Node) -> Interval | None:
        if isinstance(node.value, dict):
            found = Fields({"min": Number(), "max": Number()}).read(node)
            return Interval(found.get("min", -math.inf), found.get("max", math.inf)) if found else None
        if type(node.value) in (int, float):
            return Interval(node.value, node.value)
        spelled = _SPELLED.fullmatch(node.value.strip()) if isinstance(node.value, str) else None
        try:
            if spelled and spelled["word"]:
                bound = float(spelled["bound"])
                return Interval(low=bound) if spelled["word"] in ("at least", ">=") else Interval(high=bound)
            return Interval(float(spelled["low"]), float(spelled["high"])) if spelled else None
        except ValueError:
            return None

    def schema(self) -> dict[str, Any]:
        """Any of its forms."""
        mapping = Fields({"min": Number(), "max": Number()}).schema() | {"minProperties": 1}
        return {"anyOf": [{"type": "number"}, {"type": "string", "pattern": _RANGE_SCHEMA}, mapping]}


@dataclass(frozen=True, slots=True)
class Bounds:
    """A range and what it is about: {min: 0.5, to: TEXT}, the range alone, or the value `alone` alone.

    Read as {"range": Interval, **others}; `usual` is the range where none is given.
    """

    others: Mapping[str, Shape]
    usual: Interval = field(default_factory=Interval)
    needed: tuple[str, ...] = ()
    alone: str | None = None

    @property
    def words(self) -> str:
        """What to write."""
        alone = self.others[self.alone].words if self.alone else None if self.needed else Range().words
        return (f"{alone} or " if alone else "") + self._fields().words

    def read(self, node: Node) -> dict[str, Any]:
        """The interval and the others."""
        if not isinstance(node.value, dict):
            if self.alone:
                return {"range": self.usual, self.alone: self.others[self.alone].read(node)}
            if not self.needed:
                return {"range": Range().read(node)}
        found = self._fields().read(node)
        low, high = found.pop("min", None), found.pop("max", None)
        if low is None and high is None:
            if self.usual == Interval():
                raise node.wrong("expected min, max or both")
            return {"range": self.usual, **found}
        span = Interval(-math.inf if low is None else low, math.inf if high is None else high)
        if span.low > span.high:
            raise node.wrong("expected a min that is not above max")
        return {"range": span, **found}

    def _fields(self) -> Fields:
        return Fields({**self.others, "min": Number(), "max": Number()}, self.needed)

    def schema(self) -> dict[str, Any]:
        """The mapping, or what may stand alone."""
        whole = self._fields().schema()
        if self.usual == Interval():
            whole["anyOf"] = [{"required": ["min"]}, {"required": ["max"]}]
        if self.alone:
            return {"anyOf": [self.others[self.alone].schema(), whole]}
        return whole if self.needed else {"anyOf": [*Range().schema()["anyOf"][:2], whole]}
