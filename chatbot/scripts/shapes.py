"""What a value in a script may look like: each shape reads a node, and says the same as JSON Schema and in words."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from chatbot.scripts.nodes import Node
from chatbot.scripts.patterns import Pattern, check_pattern
from chatbot.settings import suggest

_SPELLED = re.compile(
    r"(?:(?P<word>at least|at most|>=|<=)\s*(?P<bound>[-+.\d]+)|(?P<low>[-+.\d]+)\s*(?:to|\.\.)\s*(?P<high>[-+.\d]+))"
)
_RANGE_SCHEMA = r"^\s*((at least|at most|>=|<=)\s*[-+]?[\d.]+|[-+]?[\d.]+\s*(to|\.\.)\s*[-+]?[\d.]+)\s*$"


class Shape(Protocol):
    """How a value is written."""

    @property
    def words(self) -> str:
        """What to write, for a table: TEXT, RANGE."""
        ...

    def read(self, node: Node) -> Any:
        """The value; `ScriptError` of one line where the node is not of this shape."""
        ...

    def schema(self) -> dict[str, Any]:
        """The same as a JSON Schema."""
        ...


@dataclass(frozen=True, slots=True)
class Text:
    """A string; `empty` admits the empty one."""

    words: str = "TEXT"
    empty: bool = False

    def read(self, node: Node) -> str:
        """The string."""
        if isinstance(node.value, str) and (node.value or self.empty):
            return node.value
        if node.value is None or node.value == "":
            raise node.wrong("expected a text" + (' (write "" for an empty one)' if self.empty else ""))
        quoted = "" if isinstance(node.value, list | dict) else f'; put it in quotes: "{node.shown}"'
        raise type(error := node.wrong("expected a text"))(f"{error}{quoted}")

    def schema(self) -> dict[str, Any]:
        """A string."""
        return {"type": "string"} if self.empty else {"type": "string", "minLength": 1}


@dataclass(frozen=True, slots=True)
class Expression:
    """A regular expression of RE2's syntax, which takes time linear in the text."""

    words: str = "PATTERN"

    def read(self, node: Node) -> Pattern:
        """The pattern, compiled once to see that it can be."""
        text = Text().read(node)
        check_pattern(text, node.where)
        return Pattern(text)

    def schema(self) -> dict[str, Any]:
        """A string."""
        return Text().schema()


@dataclass(frozen=True, slots=True)
class OneOrMore:
    """One value of a shape, or a list of some."""

    shape: Shape

    @property
    def words(self) -> str:
        """What to write."""
        return f"{self.shape.words} or list"

    def read(self, node: Node) -> tuple[Any, ...]:
        """All of them."""
        return Listed(self.shape).read(node) if isinstance(node.value, list) else (self.shape.read(node),)

    def schema(self) -> dict[str, Any]:
        """Either."""
        return {"anyOf": [self.shape.schema(), Listed(self.shape).schema()]}


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of at least one value of a shape."""

    shape: Shape

    @property
    def words(self) -> str:
        """What to write."""
        return f"[{self.shape.words}, ...]"

    def read(self, node: Node) -> tuple[Any, ...]:
        """All of them."""
        if not isinstance(node.value, list) or not node.value:
            raise node.wrong("expected a list")
        return tuple(self.shape.read(item) for item in node.value)

    def schema(self) -> dict[str, Any]:
        """An array."""
        return {"type": "array", "minItems": 1, "items": self.shape.schema()}


@dataclass(frozen=True, slots=True)
class Yes:
    """`true`, the only thing that can be said of it."""

    words: str = "true"

    def read(self, node: Node) -> bool:
        """True."""
        if node.value is not True:
            raise node.wrong("expected true (put not_ before the name for the opposite)")
        return True

    def schema(self) -> dict[str, Any]:
        """The constant."""
        return {"const": True}


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
class Fields:
    """A mapping with these keys, those of `needed` always; `alone` is the key that a value which is no mapping has."""

    shapes: Mapping[str, Shape]
    needed: tuple[str, ...] = ()
    alone: str | None = None
    also: dict[str, Any] = field(default_factory=dict)  # of the schema

    @property
    def words(self) -> str:
        """What to write."""
        inside = ", ".join(f"{name}: {shape.words}" for name, shape in self.shapes.items())
        return f"{self.shapes[self.alone].words} or {{{inside}}}" if self.alone else f"{{{inside}}}"

    def read(self, node: Node) -> dict[str, Any]:
        """Name -> value, of the keys that are there."""
        if not isinstance(node.value, dict):
            if self.alone:
                return {self.alone: self.shapes[self.alone].read(node)}
            raise node.wrong(f"expected a mapping with {', '.join(self.shapes)}")
        for name, value in node.value.items():
            if name not in self.shapes:
                raise unknown_key(name, value, self.shapes)
        for name in self.needed:
            if name not in node.value:
                raise node.wrong(f"expected the key {name!r}")
        return {name: self.shapes[name].read(value) for name, value in node.value.items()}

    def schema(self) -> dict[str, Any]:
        """An object, or the value that stands alone."""
        inside = {name: shape.schema() for name, shape in self.shapes.items()}
        whole = {"type": "object", "additionalProperties": False, "properties": inside} | self.also
        if self.needed:
            whole["required"] = list(self.needed)
        return {"anyOf": [self.shapes[self.alone].schema(), whole]} if self.alone else whole


def unknown_key(name: str, value: Node, known: Mapping[str, Any]) -> Exception:
    """The error that there is no such key."""
    from chatbot.errors import ScriptError
    from chatbot.terminal import one_line

    return ScriptError(f"{value.where}: unknown key {one_line(name)[:60]!r}; {suggest(name, known)}")
