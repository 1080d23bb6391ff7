"""Lines -> stdout, through the person's pager ($PAGER, else less or more) where a terminal shows too few of them."""

from __future__ import annotations

import contextlib
import itertools
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator

import click

pager_option = click.option("--no-pager", is_flag=True, help="print long output without stopping at each page")


def print_lines(lines: Iterable[str], no_pager: bool = False) -> None:
    """Print lines; where they do not fit on the terminal, let a pager show them. In a pipe or a file, just print."""
    command = None if no_pager or not (_terminal(sys.stdout) and _terminal(sys.stdin)) else pager_command()
    rest = iter(lines)
    if command is None:
        for line in rest:
            click.echo(line)
        return
    size = shutil.get_terminal_size()
    first = list(_screen(rest, size.columns, size.lines - 1))
    more = list(itertools.islice(rest, 1))
    if not more and _rows(first, size.columns) < size.lines:
        print_lines(first, no_pager=True)
        return
    _page(command, itertools.chain(first, more, rest))


def colours() -> bool:
    """Whether what is printed may be coloured: a terminal shows it, and NO_COLOR is not set."""
    return _terminal(sys.stdout) and not os.environ.get("NO_COLOR")


def pager_command() -> list[str] | None:
    """The command of $PAGER, else less or more, whichever there is; None for no pager."""
    named = os.environ.get("PAGER")
    if named is None:
        return [found] if (found := shutil.which("less") or shutil.which("more")) else None
    try:
        words = shlex.split(named)
    except ValueError:  # quotes that do not close
        words = [named]
    return words if words and words != ["cat"] else None


def _terminal(stream: object) -> bool:
    try:
        return bool(stream is not None and stream.isatty())  # type: ignore[attr-defined]
    except (AttributeError, ValueError):
        return False


def _screen(lines: Iterator[str], columns: int, rows: int) -> Iterator[str]:
    """As many lines as fill a screen."""
    for line in lines:
        yield line
        rows -= _rows([line], columns)
        if rows < 0:
            return


def _rows(lines: Iterable[str], columns: int) -> int:
    """Rows that lines take; wide characters are not counted twice, so a few may be missed."""
    return sum(max(1, -(-len(click.unstyle(part)) // max(1, columns))) for line in lines for part in line.split("\n"))


def _page(command: list[str], lines: Iterable[str]) -> None:
    environment = {"LESS": "FRX", "LV": "-c", **os.environ}
    try:
        pager = subprocess.Popen(command, stdin=subprocess.PIPE, env=environment)
    except OSError as error:
        click.echo(f"chatbot: cannot run the pager {command[0]!r} ({error.strerror}); printed without", err=True)
        print_lines(lines, no_pager=True)
        return
    assert pager.stdin is not None
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    with contextlib.suppress(KeyboardInterrupt, BrokenPipeError):  # both mean that enough was read
        for line in lines:
            pager.stdin.write(f"{line}\n".encode(encoding, "backslashreplace"))
    with contextlib.suppress(OSError):
        pager.stdin.close()
    while True:  # Ctrl-C is the pager's while it runs
        with contextlib.suppress(KeyboardInterrupt):
            pager.wait()
            return
