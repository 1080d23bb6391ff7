"""Styled text -> lines that fit the terminal, broken where `wrapping.wrap` breaks the text without its styles."""

from __future__ import annotations

from chatbot.repl.view import Fragments
from chatbot.repl.wrapping import wrap


def wrap_styled(fragments: Fragments, first: int, rest: int) -> list[Fragments]:
    """Lines of at most `first` cells (the first one) and `rest` cells (the others); spaces at a break vanish."""
    cells = iter([(style, character) for style, text in fragments for character in text])
    lines: list[Fragments] = []
    for line in wrap("".join(text for _, text in fragments), first, rest):
        styled: Fragments = []
        for wanted in line:
            style = next(style for style, character in cells if character == wanted)
            if styled and styled[-1][0] == style:
                styled[-1] = (style, styled[-1][1] + wanted)
            else:
                styled.append((style, wanted))
        lines.append(styled)
    return lines
