"""Conversations <-> plain transcripts: the words of the branch that stands, and what was said about them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from chatbot.store.formats.words import BOT, YOU, Spoken, blocks
from chatbot.store.history import History
from chatbot.store.transcripts import path_lines

_HEADER = re.compile(r"conversation \d+, .*, (\d{4}-\d\d-\d\d \d\d:\d\d)")
_SAID = re.compile(r"(you|bot): (.*)")
_REMARK = re.compile(r"  \((.*)\)")
_INDENT = " " * len("you: ")


def plain(history: History, numbers: Sequence[int], bare: bool = False) -> Iterator[str]:
    """Lines as `chatbot history show` prints them, a blank one between two conversations."""
    for position, number in enumerate(numbers):
        if position:
            yield ""
        yield from path_lines(history.show(number))


def records(content: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The number of a line and the record of the conversation that begins there; of words without a header, too."""
    begun = 1
    part: list[str] = []
    for number, line in enumerate(content.splitlines(), start=1):
        if header_time(line) and not line.startswith(_INDENT):
            if spoken := _spoken(part):
                yield begun, spoken.record()
            begun, part = number, []
        part.append(line)
    if spoken := _spoken(part):
        yield begun, spoken.record()


def _spoken(lines: Sequence[str]) -> Spoken | None:
    """A conversation's lines; None where nobody says anything in them."""
    spoken = Spoken(when=header_time(lines[0]) if lines else None)
    for who, text in blocks(lines[1:] if spoken.when else lines, _begins, _goes_on):
        if who == YOU:
            spoken.say(YOU, text)
        elif who == BOT:
            spoken.answer(text)
        elif remark := _REMARK.fullmatch(text):
            spoken.remark(remark[1])
    return spoken if spoken.turns or spoken.when else None


def _begins(line: str) -> tuple[str, str] | None:
    said = _SAID.fullmatch(line)
    return (said[1], said[2]) if said else None


def _goes_on(line: str) -> str | None:
    """A further line of what someone says; one that an editor broke belongs to it, too."""
    if line.startswith(_INDENT):
        return line[len(_INDENT) :]
    return line if line and not _REMARK.fullmatch(line) else None


def header_time(line: str) -> datetime | None:
    """The time that the header of a transcript ends in, which is that of the person's clock; None for another line."""
    if found := _HEADER.fullmatch(line):
        try:
            return datetime.fromisoformat(found[1]).astimezone()
        except (ValueError, OverflowError):
            return None
    return None
