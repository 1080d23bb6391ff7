"""Conversations <-> plain transcripts: the words of the branch that stands, and what was said about them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from chatbot.store.formats.words import BOT, YOU, Spoken
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
    for who, text in _blocks(lines[1:] if spoken.when else lines):
        if who == YOU:
            spoken.say(YOU, text)
        elif who == BOT:
            spoken.answer(text)
        elif remark := _REMARK.fullmatch(text):
            spoken.remark(remark[1])
    return spoken if spoken.turns or spoken.when else None


def _blocks(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Who says what, and other lines with nobody; a line that someone broke belongs to what it stands under."""
    who, words = "", ""
    for line in lines:
        if said := _SAID.fullmatch(line):
            yield who, words
            who, words = said[1], said[2]
        elif who and line.startswith(_INDENT):
            words += "\n" + line[len(_INDENT) :]
        elif who and line and not _REMARK.fullmatch(line):
            words += "\n" + line
        else:
            yield who, words
            who, words = "", ""
            yield "", line
    yield who, words


def header_time(line: str) -> datetime | None:
    """The time that the header of a transcript ends in, which is that of the person's clock; None for another line."""
    if found := _HEADER.fullmatch(line):
        try:
            return datetime.fromisoformat(found[1]).astimezone()
        except (ValueError, OverflowError):
            return None
    return None
