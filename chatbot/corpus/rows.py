"""One file of the Cornell corpus -> its rows: lines of fields separated by ` +++$+++ `.

A few malformed lines are counted and left out. A truncated file, or one where more than one line in a hundred is
malformed, is a `CorpusError` that names the first such line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chatbot.corpus.counts import Counts, Progress
from chatbot.corpus.encoding import decode
from chatbot.corpus.files import CorpusFile, numbered_lines
from chatbot.errors import CorpusError

LINES, CONVERSATIONS = "movie_lines.txt", "movie_conversations.txt"
TITLES, CHARACTERS = "movie_titles_metadata.txt", "movie_characters_metadata.txt"
SEPARATOR = " +++$+++ "
TOLERATED = 0.01  # share of malformed lines, or of conversations that name missing lines, that is only counted

_FIELDS = {LINES: 5, CONVERSATIONS: 4, TITLES: 6, CHARACTERS: 6}
_NEVER_EMPTY = {LINES: 3, CONVERSATIONS: 4, TITLES: 1, CHARACTERS: 1}  # so many first fields
_LINE_IDS = re.compile(r"\[\s*'[^'\[\]]+'(?:\s*,\s*'[^'\[\]]+')*\s*\]")
_LINE_ID = re.compile(r"'([^']+)'")


def rows(file: CorpusFile, name: str, counts: Counts, progress: Progress) -> Iterator[tuple[int, list[str]]]:
    """Yield (line number, fields) of the well-formed lines of the file that stands for `name`."""
    number, malformed, first = 0, 0, ""
    for number, raw in numbered_lines(file, progress):
        text, encoding = decode(raw)
        fields = _split(text)
        if _is_well_formed(fields, name):
            if encoding != "ascii":
                counts.repaired[f"lines: decoded from {encoding}"] += 1
            yield number, fields
            continue
        malformed += 1
        if malformed < number and not raw.endswith(b"\n"):
            raise CorpusError(f"{file}:{number}: the file ends in the middle of a line; fetch or copy it again")
        first = first or f"{file}:{number}: found {_described(fields)}"
        if malformed == number == 100:  # nothing of the format so far: do not read gigabytes of something else
            break
    counts.read[name] += number
    if malformed:
        counts.dropped[f"lines: malformed in {name}"] += malformed
    expected = f"expected {_FIELDS[name]} fields separated by {SEPARATOR!r}"
    if not number:
        raise CorpusError(f"{file}: the file is empty; {expected} on each line")
    if malformed > TOLERATED * number:
        raise CorpusError(
            f"{first}; {expected}; {malformed:,} of {number:,} lines are malformed, is this another format?"
        )


def line_ids(field: str) -> list[str]:
    """The ids in the last field of a conversation, such as "['L194', 'L195']"; nothing in it is evaluated."""
    return _LINE_ID.findall(field)


def _split(text: str) -> list[str]:
    text = text.rstrip("\r\n")
    return (f"{text} " if text.endswith(SEPARATOR.rstrip()) else text).split(SEPARATOR)  # an empty text, its space cut


def _is_well_formed(fields: list[str], name: str) -> bool:
    complete = len(fields) == _FIELDS[name] and all(fields[: _NEVER_EMPTY[name]])
    return complete and (name != CONVERSATIONS or _LINE_IDS.fullmatch(fields[3].strip()) is not None)


def _described(fields: list[str]) -> str:
    number = f"{len(fields)} field{'s' if len(fields) > 1 else ''}"
    return f"{number}, the last one {fields[-1].strip()[:40]!r}"
