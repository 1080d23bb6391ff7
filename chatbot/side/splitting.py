"""A text -> the pieces that a translator reads one at a time: its sentences, and parts of those that are too long.

In: a text, and how many ids a model reads. Out: pieces that hold all of the text, but for the white space between them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

MARKS, CLOSING = ".!?…。！？", "\"'”’»)]"
_END = re.compile(rf"[{MARKS}]+[{re.escape(CLOSING)}]*(?=\s)|[。！？]+[{re.escape(CLOSING)}]*")
_ABBREVIATED = re.compile(
    r"(?:^|[\s(\"'“‘«])(?:(?-i:[A-HJ-Z])|(?:[a-z]\.)+[a-z]|mr|mrs|ms|dr|prof|st|mt|jr|sr|vs|etc|mm|mme|mlle)\.$",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"(?<=[,;:–—])\s+")

Length = Callable[[str], int]


def sentences(text: str) -> list[str]:
    """The sentences of a text; each line is one at least, and no initial or title such as "Mr." ends one."""
    return [one for line in text.splitlines() for one in _of_line(" ".join(line.split())) if one]


def _of_line(line: str) -> Iterator[str]:
    begun = 0
    for end in _END.finditer(line):
        before, after = line[begun : end.end()], line[end.end() :].lstrip()
        abbreviated = end.group().startswith(".") and _ABBREVIATED.search(before)
        goes_on = end.group().startswith(("..", "…")) and after[:1].islower()
        if not abbreviated and not goes_on:
            yield before.strip()
            begun = end.end()
    yield line[begun:].strip()


def pieces(text: str, length: Length, most: int) -> list[str]:
    """The sentences, those of more than `most` ids cut at commas, else between words, else anywhere.

    `length` counts the ids of a text.
    """
    found: list[str] = []
    for sentence in sentences(text):
        if length(sentence) <= most:
            found.append(sentence)
            continue
        for clause in _packed(_CLAUSE.split(sentence), " ", length, most):
            for words in _packed(clause.split(" "), " ", length, most):
                found.extend(_packed(list(words), "", length, most) if length(words) > most else [words])
    return found


def _packed(parts: Sequence[str], between: str, length: Length, most: int) -> list[str]:
    """Neighbouring parts joined as long as they fit; a part that does not fit stands alone."""
    found: list[str] = []
    for part in parts:
        joined = f"{found[-1]}{between}{part}" if found else part
        if found and length(joined) <= most:
            found[-1] = joined
        else:
            found.append(part)
    return found
