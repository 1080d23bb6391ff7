"""Texts with headings -> one block for the terminal: side by side where it is wide enough, else one below the other."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass

GAP = 3  # cells between columns
NARROWEST = 24  # cells in which running text can be read


@dataclass(frozen=True, slots=True)
class Part:
    """A column. `rows` are lines that must not be broken; otherwise `body` is running text."""

    heading: str
    body: str
    rows: bool = False


def terminal_columns() -> int:
    """The cells of a line on the terminal; 0 where stdout is none."""
    return shutil.get_terminal_size().columns if sys.stdout is not None and sys.stdout.isatty() else 0


def laid_out(parts: Sequence[Part], columns: int) -> str:
    """The parts in lines of at most `columns` cells; 0 has no columns. Their texts must be safe for the terminal."""
    if columns and len(parts) > 1 and (widths := _widths(parts, columns)):
        return _side_by_side(parts, widths)
    return "\n\n".join(f"{part.heading}\n\n{part.body}" if len(parts) > 1 else part.body for part in parts)


def _widths(parts: Sequence[Part], columns: int) -> list[int] | None:
    """Cells of each column, or None where they do not fit; rows take what they need, texts share a line evenly."""
    from rich.cells import cell_len

    room = columns - GAP * (len(parts) - 1)
    if any(part.rows for part in parts):
        widths = [max(map(cell_len, [part.heading, *part.body.split("\n")])) for part in parts]
        return widths if sum(widths) <= room else None
    each = room // len(parts)
    return [each] * len(parts) if each >= NARROWEST else None


def _side_by_side(parts: Sequence[Part], widths: Sequence[int]) -> str:
    """Columns of these widths in cells; words go to the next line whole where they can."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, GAP, 0, 0))
    for width in widths:
        table.add_column(width=width, overflow="fold")
    table.add_row(*(Text(part.heading) for part in parts))
    table.add_row()
    table.add_row(*(Text(part.body) for part in parts))
    console = Console(width=sum(widths) + GAP * len(widths), color_system=None, legacy_windows=False)
    with console.capture() as captured:
        console.print(table)
    return "\n".join(line.rstrip() for line in captured.get().rstrip("\n").split("\n"))
