"""Where the prompt stands after the terminal has broken its lines anew."""

from __future__ import annotations

import pytest
from prompt_toolkit.layout.screen import Char, Screen

from chatbot.repl.resizing import breaks_anew, pushed_down


def drawn(*rows: str) -> Screen:
    """A screen with these rows; wide letters take two cells, the second one empty."""
    screen = Screen()
    for y, row in enumerate(rows):
        x = 0
        for letter in row:
            screen.data_buffer[y][x] = Char(letter)
            screen.data_buffer[y][x + 1] = Char("")
            x += Char(letter).width
    return screen


@pytest.mark.parametrize(
    ("rows", "x", "y", "columns", "down"),
    [
        (["you> hello"], 10, 0, 80, 0),
        (["you> hello"], 10, 0, 10, 0),
        (["you> hello"], 10, 0, 5, 1),
        (["you> hello"], 10, 0, 3, 3),
        (["you> hello there", "     and more"], 13, 1, 8, 2),
        (["a" * 80, "b" * 3], 3, 1, 40, 1),
        (["a" * 80, "b" * 3], 0, 1, 79, 1),
        (["世界世界"], 8, 0, 5, 1),
        (["世界世界"], 8, 0, 3, 3),
        (["one   "], 6, 0, 3, 0),
    ],
)
def test_the_cursor_goes_down_with_the_lines_above_it(rows: list[str], x: int, y: int, columns: int, down: int) -> None:
    assert pushed_down(drawn(*rows), x, y, columns) == down


@pytest.mark.parametrize(
    ("environment", "anew"),
    [
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "screen-256color", "TMUX": "/tmp/tmux"}, True),
        ({"TERM": "xterm-256color", "XTERM_VERSION": "XTerm(390)"}, False),
        ({"TERM": "screen", "STY": "1.pts"}, False),
        ({"TERM": "linux"}, False),
    ],
)
def test_old_terminals_cut_lines(environment: dict[str, str], anew: bool) -> None:
    assert breaks_anew(environment) == anew
