"""A text and the words that were looked for -> a short part of it around them, and where in it they stand."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

OPENS, CLOSES = "[", "]"  # around each hit
WIDTH = 100  # characters of a snippet
SEARCHED = 200_000  # characters of a text that are looked through


@dataclass(frozen=True, slots=True)
class Snippet:
    """A part of a text on one line; `hits` are (start, end) of the words in it, in order."""

    text: str
    hits: tuple[tuple[int, int], ...]

    def pieces(self) -> Iterator[tuple[str, bool]]:
        """The text in pieces, each with whether it is a hit."""
        end = 0
        for start, stop in self.hits:
            yield self.text[end:start], False
            yield self.text[start:stop], True
            end = stop
        yield self.text[end:], False

    def marked(self, opens: str = OPENS, closes: str = CLOSES) -> str:
        """The text with every hit between two marks."""
        return "".join(f"{opens}{text}{closes}" if hit else text for text, hit in self.pieces())


def snippet_of(text: str, wanted: Sequence[str], in_parts: bool, width: int = WIDTH) -> Snippet:
    """The part, at most `width` characters and marks of omission, that holds most of the words.

    `in_parts`: a word is any part of the text; otherwise it is whole words, or the start of one where it ends in *.
    """
    line = " ".join(text[:SEARCHED].split())
    found = _hits(line, wanted, in_parts)
    start = _best_start(line, found, width)
    end = start + width
    before, after = "…" if start else "", "…" if end < len(line) else ""
    inside = ((max(a, start) - start + len(before), min(b, end) - start + len(before)) for a, b in found)
    part = before + line[start:end] + after
    return Snippet(part, tuple((a, b) for a, b in inside if len(before) <= a < b))


def _best_start(line: str, found: Sequence[tuple[int, int]], width: int) -> int:
    """Where a part begins that holds as many hits as can be, with some words before the first of them."""
    if len(line) <= width or not found:
        return 0

    def held(first: int) -> int:
        return sum(found[first][0] <= a and b <= found[first][0] + width * 3 // 4 for a, b in found[first : first + 50])

    best = max(range(min(len(found), 500)), key=held)
    start = max(0, min(found[best][0] - width // 4, len(line) - width))
    space = line.find(" ", start, found[best][0]) if start else -1
    return space + 1 if space >= 0 else start


def _hits(line: str, wanted: Sequence[str], in_parts: bool) -> list[tuple[int, int]]:
    plain, origin = folded(line)
    pattern = re.compile("|".join(sorted((pattern_of(word, in_parts) for word in wanted), key=len, reverse=True)))
    spans = (match.span() for match in pattern.finditer(plain))
    return [(origin[a], origin[b - 1] + 1) for a, b in spans if a < b]


def pattern_of(word: str, in_parts: bool) -> str:
    """A regular expression for a word in folded text, as the index reads it: runs of letters and digits in a row."""
    if in_parts:
        return re.escape(folded(word.rstrip("*"))[0])
    runs = re.findall(r"[^\W_]+", folded(word)[0])
    return r"(?<![^\W_])" + r"[\W_]+".join(map(re.escape, runs)) + (r"[^\W_]*" if word.endswith("*") else r"(?![^\W_])")


def folded(text: str) -> tuple[str, Sequence[int]]:
    """The text without capitals and accents, and for each of its characters the place it comes from."""
    if text.isascii():
        return text.lower(), range(len(text))
    characters: list[str] = []
    origin: list[int] = []
    for place, character in enumerate(text):
        for part in unicodedata.normalize("NFD", character.lower()):
            if not unicodedata.combining(part):
                characters.append(part)
                origin.append(place)
    return "".join(characters), origin
