"""Text -> lines that fit the terminal: broken between words, measured in cells (wide letters and emoji take two)."""

from __future__ import annotations

import re

from prompt_toolkit.utils import get_cwidth

_MARKS = "[\u0300-\u036f\ufe00-\ufe0f\U0001f3fb-\U0001f3ff]*"  # accents, variation selectors, skin tones
_CLUSTER = re.compile(f".{_MARKS}(?:\u200d.{_MARKS})*", re.DOTALL)  # joined emoji are one


def wrap(text: str, first: int, rest: int) -> list[str]:
    """Lines of at most `first` cells (the first one) and `rest` cells (the others); newlines in `text` stay.

    A word longer than a line is broken; spaces at a break vanish. The first line is empty where nothing fits it.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in re.findall(r"\s+|\S+", paragraph):
            room = (rest if lines else first) - get_cwidth(line)
            if get_cwidth(word) <= room:
                line += word
                continue
            if line.strip() or (not lines and get_cwidth(word) <= rest):
                lines.append(line.rstrip())
            line = ""
            if not word.isspace():
                *full, line = _broken(word, rest if lines else first, rest)
                lines.extend(full)
        lines.append(line.rstrip())
    return lines


def shorten(text: str, width: int) -> str:
    """The text, cut to `width` cells with an ellipsis where it is longer."""
    if get_cwidth(text) <= width:
        return text
    kept = _broken(text, width - 1, width)[0]
    return "" if width < 1 else kept + "…" if get_cwidth(kept) < width else "…"


def _broken(word: str, first: int, rest: int) -> list[str]:
    """A long word in pieces; marks that combine with a letter stay with it, and no piece is empty but for no word."""
    pieces: list[str] = []
    piece = ""
    for cluster in _CLUSTER.findall(word):
        if piece and get_cwidth(piece + cluster) > (rest if pieces else first):
            pieces.append(piece)
            piece = ""
        piece += cluster
    return [*pieces, piece]
