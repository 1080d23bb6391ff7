"""Where each value of a YAML file stands in its text, so that it alone can be replaced, or followed by a remark."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chatbot.scripts.scalars import quoted, scalar


@dataclass(frozen=True, slots=True)
class Place:
    """The value of one key: its span in the text, how it is written, and after which index a remark may follow it.

    `style` is that of a scalar: "" (plain), ', ", | or >; None for any other value.
    """

    key: str
    line: int  # of the key, from 1
    start: int
    end: int
    style: str | None
    flow: bool
    remark: int  # a line may be put in here
    indent: str  # that the line must have


def places(text: str) -> list[Place]:
    """The places of all keys of a YAML text that is known to be valid."""
    from ruamel.yaml import YAML

    return list(_Walk(text, list(YAML(typ="safe", pure=True).parse(text))).found())


def spelled(value: str, place: Place) -> str:
    """A string as a scalar of the place's style, or in double quotes where that style cannot hold it."""
    if place.style == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    return scalar(value, place.flow) if place.style == "" else quoted(value)


class _Walk:
    """Goes through the events of a document once."""

    def __init__(self, text: str, events: list[Any]) -> None:
        self.text, self.events = text, events
        self.at = 0
        self.depth = 0  # of flow collections
        self.last = 0  # where the last scalar, alias or closing bracket ended
        self.scalars = [(e.start_mark.index, self._end(e)) for e in events if type(e).__name__ == "ScalarEvent"]

    def found(self) -> Iterator[Place]:
        """Every key's place."""
        while self.at < len(self.events):
            if type(self.events[self.at]).__name__.endswith(("StreamStartEvent", "DocumentStartEvent")):
                self.at += 1
            elif type(self.events[self.at]).__name__.endswith(("DocumentEndEvent", "StreamEndEvent")):
                return
            else:
                yield from self._node()

    def _node(self) -> Iterator[Place]:
        event = self.events[self.at]
        kind = type(event).__name__
        self.at += 1
        if kind in ("ScalarEvent", "AliasEvent"):
            self.last = self._end(event)
            return
        flow = bool(event.flow_style)
        self.depth += flow
        while not type(self.events[self.at]).__name__.endswith("EndEvent"):
            yield from self._pair() if kind == "MappingStartEvent" else self._node()
        if flow:
            self.depth -= 1
            self.last = self.events[self.at].end_mark.index
        self.at += 1

    def _pair(self) -> Iterator[Place]:
        key = self.events[self.at]
        yield from self._node()
        value = self.events[self.at]
        inner = list(self._node())
        yield from inner
        scalar = type(value).__name__ == "ScalarEvent"
        start = value.start_mark.index
        yield Place(
            key=str(getattr(key, "value", "")),
            line=key.start_mark.line + 1,
            start=start,
            end=self._end(value) if scalar else self.last,
            style=(value.style or "") if scalar else None,
            flow=self.depth > 0,
            remark=self._line_end(self.last),
            indent=self._indent(key),
        )

    def _end(self, event: Any) -> int:
        """Where a scalar or alias ends, without white space after it."""
        end = int(event.end_mark.index)
        while self.text[end - 1].isspace():
            end -= 1
        return end

    def _line_end(self, index: int) -> int:
        """The first end of a line from `index` on that is in no scalar."""
        while True:
            end = self.text.find("\n", index)
            if end < 0:
                return len(self.text)
            before = bisect_left(self.scalars, (end, 0)) - 1  # the last scalar that begins before that end
            if before < 0 or self.scalars[before][1] <= end:
                return end + 1
            index = max(self.scalars[before][1], end + 1)

    def _indent(self, key: Any) -> str:
        """White space up to the key, or in a flow collection that of its line."""
        begin = self.text.rfind("\n", 0, key.start_mark.index) + 1
        if not self.depth:
            return " " * int(key.start_mark.index - begin)
        width = 0
        while self.text[begin + width] == " ":
            width += 1
        return " " * width
