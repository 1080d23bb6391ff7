"""Conversations <-> Markdown: the branch that stands to be read, and unless bare, the whole record in a comment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from chatbot.store.formats.plain import header_time
from chatbot.store.formats.records import conversation_record, dumped
from chatbot.store.formats.words import YOU, Spoken, blocks
from chatbot.store.history import History
from chatbot.store.transcripts import markdown_lines

OPENS, CLOSES = "<!-- chatbot: ", " -->"

_TITLE = "# "
_SAID = re.compile(r"\*\*(You|Bot):\*\* (.*)")
_ESCAPED = re.compile(r"\\(.)")


def markdown(history: History, numbers: Sequence[int], bare: bool = False) -> Iterator[str]:
    """Lines of Markdown; in a comment two hyphens would end it, so they are escaped as JSON allows."""
    for position, number in enumerate(numbers):
        if position:
            yield ""
        yield from markdown_lines(history.show(number))
        if not bare:
            record = dumped(conversation_record(history, number))
            yield ""
            yield OPENS + record.replace("--", "-\\u002d").replace("->", "-\\u003e") + CLOSES


def records(content: str) -> Iterator[tuple[int, str | dict[str, Any]]]:
    """The number of a line and the record that begins there: as JSON from its comment, else from the words."""
    begun = 1
    part: list[str] = []
    for number, line in enumerate([*content.splitlines(), _TITLE], start=1):
        if line.startswith(_TITLE) or (line.startswith(OPENS) and line.endswith(CLOSES)):
            hidden = line[len(OPENS) : -len(CLOSES)] if line.startswith(OPENS) else None
            if found := hidden or _spoken(part):
                yield begun if part else number, found
            begun, part = number, []
        if not line.startswith(OPENS):
            part.append(line)


def _spoken(lines: Sequence[str]) -> dict[str, Any] | None:
    """The record of a conversation's lines; None where nobody says anything in them."""
    spoken = Spoken()
    for who, text in blocks(lines, _begins, lambda line: line or None):
        if who == YOU:
            spoken.say(YOU, _joined(text))
        elif who:
            spoken.answer(_joined(text))
        elif text.startswith(_TITLE):
            spoken.title = _plain(text.removeprefix(_TITLE))
        elif text.startswith("> "):
            spoken.remark(_plain(text[2:]))
        else:
            spoken.when = header_time(_plain(text.strip("*"))) or spoken.when
    return spoken.record() if spoken.turns else None


def _begins(line: str) -> tuple[str, str] | None:
    said = _SAID.fullmatch(line)
    return (said[1].lower(), said[2]) if said else None


def _joined(paragraph: str) -> str:
    """The lines of a paragraph, without the two spaces that break each but the last."""
    *broken, last = paragraph.split("\n")
    return "\n".join(map(_plain, [*(line.removesuffix("  ") for line in broken), last]))


def _plain(line: str) -> str:
    """A line without the marks that kept it what it is."""
    return _ESCAPED.sub(r"\1", line)
