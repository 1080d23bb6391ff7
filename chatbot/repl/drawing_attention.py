"""Attention weights -> a heat map of shaded cells, in panels where the terminal is narrow; or sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from prompt_toolkit.utils import get_cwidth

from chatbot.repl.drawing_why import named, percent, spoken
from chatbot.repl.view import Fragments
from chatbot.repl.wrapping import shorten, wrap

Row = Sequence[float]

SHADES = ((0.6, "█"), (0.3, "▓"), (0.15, "▒"), (0.05, "░"), (0.0, "·"))
LONGEST_LABEL = 14  # cells of a source token
TALLEST = 10  # letters of a reply token, which stand below each other
CELL = 2  # cells of a weight: as wide as the widest letter
NAMED = 3  # source tokens that a sentence names
_LETTER = re.compile("[^\u0300-\u036f\ufe00-\ufe0f][\u0300-\u036f\ufe00-\ufe0f]*", re.DOTALL)


def shade(weight: float) -> str:
    """The darkness of a cell."""
    return next((mark for least, mark in SHADES if weight >= least), SHADES[-1][1])


def heat_lines(
    weights: Sequence[Row], reply: Sequence[str], source: Sequence[str], columns: int
) -> Iterator[Fragments]:
    """Rows are the source's tokens, columns those of the reply: weights [reply tokens][source tokens].

    Each line has at most `columns` cells (from 10 on); a reply that is wider goes on in another panel below.
    """
    labels = [named(token) for token in source]
    wide = min(max(map(get_cwidth, labels), default=1), LONGEST_LABEL, columns // 3)
    together = max(1, (columns - wide - 1) // CELL)
    for first in range(0, len(reply), together):
        if first:
            yield []
        panel = range(first, min(first + together, len(reply)))
        for heading in headings([named(reply[place]) for place in panel]):
            yield [("class:bot", " " * (wide + 1) + heading)]
        for position, label in enumerate(labels):
            label = shorten(label, wide)
            cells = "".join(shade(weights[place][position]) * CELL for place in panel)
            yield [("class:you", " " * (wide - get_cwidth(label)) + label + " "), ("", cells)]


def headings(tokens: Sequence[str]) -> list[str]:
    """Tokens as columns of letters, CELL cells each, that end in the same line."""
    letters = [_letters(token) for token in tokens]
    tallest = max(map(len, letters), default=0)
    raised = [[""] * (tallest - len(column)) + column for column in letters]
    return ["".join(_cell(column[line]) for column in raised).rstrip() for line in range(tallest)]


def legend() -> str:
    """What the shades mean."""
    least = [f"{mark} {floor:.0%}" if floor else f"{mark} less" for floor, mark in SHADES]
    return "Down: what was read; across: the reply. " + "  ".join(least)


def sentences(weights: Sequence[Row], reply: Sequence[str], source: Sequence[str], columns: int) -> Iterator[Fragments]:
    """The same in words: for each token of the reply, the source's tokens that had most of the attention."""
    for token, row in zip(reply, weights, strict=True):
        most = sorted(range(len(source)), key=lambda place: -row[place])[:NAMED]
        looked = ", ".join(f"{spoken(source[place])} {percent(row[place])}" for place in most)
        for number, line in enumerate(wrap(f"{spoken(token)}: {looked}", columns, columns - 2)):
            yield [("", ("  " if number else "") + line)]


def _letters(token: str) -> list[str]:
    letters = [letter for letter in _LETTER.findall(token) if 0 < get_cwidth(letter) <= CELL]
    return letters if len(letters) <= TALLEST else [*letters[: TALLEST - 1], "…"]


def _cell(letter: str) -> str:
    return letter + " " * (CELL - get_cwidth(letter))
