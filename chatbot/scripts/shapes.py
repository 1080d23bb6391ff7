"""What a value in a script may look like: each shape reads a node, and says the same as JSON Schema and in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from chatbot.errors import ScriptError
from chatbot.scripts.nodes import Node
from chatbot.scripts.patterns import Pattern, check_pattern


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
        raise ScriptError(f"{node.wrong('expected a text')}{quoted}")

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
class Folder:
    """A file or folder, relative to the script's own."""

    words: str = "FOLDER"

    def read(self, node: Node) -> str:
        """Its path."""
        return str(node.path.parent / Text().read(node))

    def schema(self) -> dict[str, Any]:
        """A string."""
        return Text().schema()


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some words."""

    choices: tuple[str, ...]

    @property
    def words(self) -> str:
        """What to write."""
        return " or ".join(self.choices)

    def read(self, node: Node) -> str:
        """The word."""
        if node.value not in self.choices:
            raise node.wrong(f"expected {self.words}")
        return str(node.value)

    def schema(self) -> dict[str, Any]:
        """An enumeration."""
        return {"enum": list(self.choices)}


@dataclass(frozen=True, slots=True)
class Either:
    """A value of the first of some shapes that it fits."""

    shapes: tuple[Shape, ...]

    @property
    def words(self) -> str:
        """What to write."""
        return " or ".join(shape.words for shape in self.shapes)

    def read(self, node: Node) -> Any:
        """What that shape makes of it."""
        for shape in self.shapes:
            try:
                return shape.read(node)
            except ScriptError:
                continue
        raise node.wrong(f"expected {self.words}")

    def schema(self) -> dict[str, Any]:
        """Any of them."""
        return {"anyOf": [shape.schema() for shape in self.shapes]}
