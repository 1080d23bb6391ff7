"""Shapes of mappings: one with known keys, and one whose keys can be any words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chatbot.errors import ScriptError
from chatbot.scripts.nodes import Node
from chatbot.scripts.shapes import Shape
from chatbot.settings import suggest
from chatbot.terminal import one_line

MOST_SHOWN = 9  # keys of a mapping in a table
MOST_LISTED = 12  # keys in an error


@dataclass(frozen=True, slots=True)
class Fields:
    """A mapping with these keys: those of `needed` always, `least` in all. A value that is no mapping is `alone`'s."""

    shapes: Mapping[str, Shape]
    needed: tuple[str, ...] = ()
    alone: str | None = None
    least: int = 0

    @property
    def words(self) -> str:
        """What to write."""
        shown = list(self.shapes)[:MOST_SHOWN]
        inside = f"{{{', '.join(shown)}{', ...' if len(shown) < len(self.shapes) else ''}}}"
        return f"{self.shapes[self.alone].words} or {inside}" if self.alone else inside

    def read(self, node: Node) -> dict[str, Any]:
        """Name -> value, of the keys that are there."""
        if not isinstance(node.value, dict):
            if self.alone:
                return {self.alone: self.shapes[self.alone].read(node)}
            raise node.wrong(f"expected a mapping with {', '.join(self.needed or self.shapes)}")
        for name, value in node.value.items():
            if name not in self.shapes:
                raise unknown_key(name, value, self.shapes)
        for name in self.needed:
            if name not in node.value:
                raise node.wrong(f"expected the key {name!r}")
        if len(node.value) < self.least:
            other = next(name for name in self.shapes if name not in node.value)
            raise node.wrong(f"expected one more key, such as {other!r}")
        return {name: self.shapes[name].read(value) for name, value in node.value.items()}

    def schema(self) -> dict[str, Any]:
        """An object, or the value that stands alone."""
        inside = {name: shape.schema() for name, shape in self.shapes.items()}
        whole = {"type": "object", "additionalProperties": False, "properties": inside}
        if self.needed:
            whole["required"] = list(self.needed)
        if self.least:
            whole["minProperties"] = self.least
        return {"anyOf": [self.shapes[self.alone].schema(), whole]} if self.alone else whole


@dataclass(frozen=True, slots=True)
class Labelled:
    """A mapping whose keys can be any words, to values of a shape."""

    key: str
    shape: Shape

    @property
    def words(self) -> str:
        """What to write."""
        return f"{{{self.key}: {self.shape.words}, ...}}"

    def read(self, node: Node) -> dict[str, Any]:
        """Key -> value."""
        if not isinstance(node.value, dict) or not node.value:
            raise node.wrong(f"expected a mapping such as {self.words}")
        return {name: self.shape.read(value) for name, value in node.value.items()}

    def schema(self) -> dict[str, Any]:
        """An object."""
        return {"type": "object", "minProperties": 1, "additionalProperties": self.shape.schema()}


def unknown_key(name: str, value: Node, known: Mapping[str, Any]) -> ScriptError:
    """The error that there is no such key."""
    hint = suggest(name, known)
    if len(known) > MOST_LISTED and not hint.startswith("did"):
        hint = "chatbot test --schema lists all of them"
    return ScriptError(f"{value.where}: unknown key {one_line(name)[:60]!r}; {hint}")
