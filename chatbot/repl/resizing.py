"""A terminal made narrower breaks the lines on it anew; the prompt must be erased where it stands then.

prompt_toolkit moves up by as many rows as it drew, so that pieces of the prompt would stay above it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from prompt_toolkit.application import Application
from prompt_toolkit.layout.screen import Char, Screen


def follow_resizing(app: Application[Any]) -> None:
    """Let the application erase what it drew even where the terminal has broken its lines anew."""
    erase_and_redraw = app._on_resize  # there is no public event of it

    def resized() -> None:
        screen = app.renderer.last_rendered_screen
        if screen and breaks_anew(os.environ):
            cursor = app.renderer._cursor_pos
            app.output.cursor_up(pushed_down(screen, cursor.x, cursor.y, app.output.get_size().columns))
        erase_and_redraw()

    app._on_resize = resized  # type: ignore[method-assign]


def breaks_anew(environment: Mapping[str, str]) -> bool:
    """Whether the terminal breaks long lines anew, as all do but some old ones, which cut them."""
    if environment.get("TMUX"):
        return True
    cuts = environment.get("TERM", "").startswith(("linux", "screen", "rxvt", "vt"))
    return not (cuts or environment.get("XTERM_VERSION") or environment.get("STY"))


def pushed_down(screen: Screen, x: int, y: int, columns: int) -> int:
    """By how many rows the cursor, at x and y of the screen as drawn, stands lower on a terminal of these columns."""
    above = sum(_rows(_cells(screen, row), columns) - 1 for row in range(y))
    return above + _rows(_cells(screen, y, x), columns) - 1


def _cells(screen: Screen, row: int, end: int | None = None) -> list[Char]:
    """What was drawn in a row, up to its last letter, or up to the cell `end`."""
    drawn = screen.data_buffer[row]
    length = max((x + 1 for x, cell in drawn.items() if cell.char.strip()), default=0)
    return [drawn[x] for x in range(length if end is None else min(length, end))]


def _rows(cells: list[Char], columns: int) -> int:
    """Rows that cells take; a wide one that does not fit goes to the next."""
    rows, used = 1, 0
    for cell in cells:
        used += cell.width
        if used > columns:
            rows, used = rows + 1, cell.width
    return rows
