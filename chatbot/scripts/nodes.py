"""The text of a YAML 1.2 file -> nodes that know their lines, and nothing that could run, loop or explode.

ruamel.yaml scans and parses; its events are put together here, so that no tag ever makes an object, and depth, number
of nodes (those that aliases repeat counted each time) and duplicate keys are checked as they come.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chatbot.errors import ScriptError
from chatbot.terminal import one_line

MOST_BYTES = 2_000_000
MOST_NODES = 200_000
DEEPEST = 12
_NULL = re.compile("~|null|Null|NULL|")
_BOOL = re.compile("true|True|TRUE|false|False|FALSE")
_INT = re.compile("[-+]?[0-9]{1,30}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]{1,30}|[0-9]{1,30}(\.[0-9]{0,30})?)([eE][-+]?[0-9]{1,3})?")


@dataclass(frozen=True, slots=True)
class Node:
    """`value` is None, a bool, an int, a float, a str, a list of nodes, or a dict of nodes by the names of its keys.

    `line` is where it begins; of the value of a key, where the key stands. `size` counts it and all nodes in it.
    """

    value: Any
    path: Path
    line: int
    size: int = 1

    @property
    def where(self) -> str:
        """File and line, as an error begins."""
        return f"{self.path}:{self.line}"

    @property
    def shown(self) -> str:
        """What was found, in a few words."""
        if isinstance(self.value, list):
            return f"a list of {len(self.value)}"
        if isinstance(self.value, dict):
            return f"a mapping with {', '.join(map(repr, list(self.value)[:3]))}" if self.value else "an empty mapping"
        if isinstance(self.value, str):
            return repr(one_line(self.value if len(self.value) <= 40 else self.value[:39] + "…"))
        if self.value is None:
            return "nothing"
        return str(self.value).lower() if isinstance(self.value, bool) else str(self.value)

    def wrong(self, expected: str) -> ScriptError:
        """The error that something else was expected here."""
        return ScriptError(f"{self.where}: {expected}, but found {self.shown}")


def parse_yaml(text: str, path: Path) -> Node:
    """The one document of a YAML file; `ScriptError` with its line where it is not plain, small, valid YAML."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError
    from ruamel.yaml.reader import ReaderError

    try:
        return _Builder(path).document(YAML(typ="safe", pure=True).parse(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        found = " ".join(str(part) for part in (error.context, error.problem) if part)
        raise ScriptError(f"{path}:{mark.line + 1 if mark else 1}: not valid YAML: {one_line(found)}") from None
    except ReaderError as error:
        line, code = text.count("\n", 0, error.position) + 1, f"\\u{ord(text[error.position]):04x}"
        raise ScriptError(f'{path}:{line}: a character that must be written "{code}", in double quotes') from None
    except (YAMLError, ValueError) as error:
        raise ScriptError(f"{path}:1: not valid YAML: {one_line(str(error))[:120]}") from None


class _Builder:
    """Puts the events of one document together."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.anchors: dict[str, Node | None] = {}  # None while the node is being read
        self.nodes = 0

    def document(self, events: Iterator[Any]) -> Node:
        """The first document's node; a second one is refused."""
        found: Node | None = None
        for event in events:
            kind = type(event).__name__
            if kind == "DocumentStartEvent":
                if found:
                    raise self._error(event, "a second document begins; write one document with 'dialogues:' instead")
                found = self._node(next(events), events, 1)
        return found or Node(None, self.path, 1)

    def _node(self, event: Any, events: Iterator[Any], depth: int) -> Node:
        line, kind = event.start_mark.line + 1, type(event).__name__
        if kind == "AliasEvent":
            return self._alias(event)
        if depth > DEEPEST:
            raise self._error(event, f"nested deeper than {DEEPEST} levels")
        if event.tag:
            raise self._error(event, f"tags such as {one_line(str(event.tag))[:60]!r} are not read; leave it out")
        if event.anchor:
            self.anchors[event.anchor] = None
        self._count(event, 1)
        value: Any
        if kind == "ScalarEvent":
            value = plain_scalar(event.value) if event.implicit[0] else event.value
            inner = 0
        elif kind == "SequenceStartEvent":
            value = list(self._items(events, depth))
            inner = sum(node.size for node in value)
        else:
            value = self._mapping(events, depth)
            inner = sum(node.size for node in value.values())
        node = Node(value, self.path, line, inner + 1)
        if event.anchor:
            self.anchors[event.anchor] = node
        return node

    def _items(self, events: Iterator[Any], depth: int) -> Iterator[Node]:
        for event in events:
            if type(event).__name__ == "SequenceEndEvent":
                return
            yield self._node(event, events, depth + 1)

    def _mapping(self, events: Iterator[Any], depth: int) -> dict[str, Node]:
        found: dict[str, Node] = {}
        for event in events:
            if type(event).__name__ == "MappingEndEvent":
                break
            if type(event).__name__ != "ScalarEvent" or event.tag or event.anchor:
                raise self._error(event, "a key must be a plain word")
            line = event.start_mark.line + 1
            if event.value in found:
                first = found[event.value].line
                raise self._error(event, f"the key {one_line(event.value)[:60]!r} stands on line {first} already")
            found[event.value] = replace(self._node(next(events), events, depth + 1), line=line)
        return found

    def _alias(self, event: Any) -> Node:
        node = self.anchors.get(event.anchor)
        if node is None:
            what = "is part of what it repeats" if event.anchor in self.anchors else "repeats an anchor not seen before"
            raise self._error(event, f"the alias *{one_line(str(event.anchor))[:60]} {what}")
        self._count(event, node.size)
        return node

    def _count(self, event: Any, size: int) -> None:
        self.nodes += size
        if self.nodes > MOST_NODES:
            raise self._error(event, f"holds more than {MOST_NODES:,} values, aliases counted; split the file")

    def _error(self, event: Any, what: str) -> ScriptError:
        return ScriptError(f"{self.path}:{event.start_mark.line + 1}: {what}")


def plain_scalar(text: str) -> Any:
    """An unquoted scalar by YAML 1.2's core schema, in decimal; so `no` is a word and 012 is twelve."""
    if _NULL.fullmatch(text):
        return None
    if _BOOL.fullmatch(text):
        return text.lower() == "true"
    if _INT.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text
