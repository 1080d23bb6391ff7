"""The frame of the commands that make something of texts: one from the command line, or lines of files or a pipe.

Line n of the output belongs to line n of the input; a blank line is answered by a blank one, in JSON by null. Lines are
worked on in batches of what has arrived, so that a file goes fast and a person at a pipe waits for nobody.
"""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Any, TypeVar

import click

from chatbot.errors import UsageError

Result = TypeVar("Result")
Function = TypeVar("Function", bound=Callable[..., Any])

TOGETHER = 64  # lines worked on at once
READ_AHEAD = 4 * TOGETHER


def text_input(function: Function, name: str = "TEXT") -> Function:
    """Add the argument TEXT and the option --file, which the function gets as `text` and `files`."""
    path = click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
    function = click.option(
        "--file", "-f", "files", multiple=True, type=path, help="read lines from a file, - is stdin; can be repeated"
    )(function)
    return click.argument("text", metavar=f"[{name}]", required=False)(function)


def each_text(
    text: str | None,
    files: Sequence[Path],
    work: Callable[[Sequence[str]], Sequence[Result]],
    show: Callable[[Result], str],
    describe: Callable[[str, Result], dict[str, Any]] | None,
    show_line: Callable[[Result], str] | None = None,
    blank: bool = False,
) -> None:
    """Print what `work` makes of TEXT, or of each line of the files or of stdin.

    `show` lays a result out, `show_line` that of a line where it differs; with `describe` each is printed as JSON
    instead: an object for TEXT, one a line for lines. `blank` lets TEXT be blank.
    """
    from chatbot.cli.output import json_line, print_json

    if text is not None and files:
        raise UsageError("give TEXT or --file, not both")
    if text is not None:
        try:
            text.encode()
        except UnicodeEncodeError:
            raise UsageError("TEXT is not UTF-8; give it as a file that was converted, as with iconv") from None
        if not text.strip() and not blank:
            raise UsageError("nothing to do: TEXT is blank; type some words")
        (result,) = work([text])
        if describe:
            print_json(describe(text, result))
        else:
            click.echo(show(result))
        return
    for lines in _batches(_lines(files)):
        asked = [line for line in lines if line.strip()]
        results = iter(work(asked) if asked else ())
        for line in lines:
            if not line.strip():
                click.echo("null" if describe else "")
                continue
            result = next(results)
            click.echo(json_line(describe(line, result)) if describe else (show_line or show)(result))
        sys.stdout.flush()


def given_text(text: str | None, files: Sequence[Path]) -> str | None:
    """TEXT; empty where a person at a terminal gave neither that nor files: then there is a beginning to be made."""
    at_terminal = sys.stdin is None or sys.stdin.isatty()
    return "" if text is None and not files and at_terminal else text


def _lines(files: Sequence[Path]) -> Iterator[str]:
    """The lines of the files, or of stdin where none is given, without their ends."""
    if files:
        for path in files:
            if str(path) == "-":
                yield from _lines(())
                continue
            try:
                with path.open("rb") as file:
                    yield from _decoded(file, str(path), "utf-8")
            except OSError as error:
                raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
        return
    if sys.stdin is None or sys.stdin.isatty():
        raise UsageError("nothing to do: give TEXT, --file, or lines from a pipe")
    if isinstance(sys.stdin, TextIOWrapper):
        yield from _decoded(sys.stdin.buffer, "standard input", sys.stdin.encoding)
    else:
        yield from (line.rstrip("\r\n") for line in sys.stdin)


def _decoded(lines: Iterable[bytes], where: str, encoding: str) -> Iterator[str]:
    """Lines of bytes as text; a `UsageError` names the first one that is in another encoding."""
    for number, raw in enumerate(lines, start=1):
        try:
            line = raw.decode(encoding)
        except UnicodeDecodeError:
            raise UsageError(f"{where}:{number}: not {encoding.upper()}; convert it first, as with iconv") from None
        if "\0" in line:
            raise UsageError(f"{where}:{number}: holds zero bytes, as UTF-16 does; convert it to UTF-8 first")
        yield (line.removeprefix("\ufeff") if number == 1 else line).rstrip("\r\n")


def _batches(lines: Iterable[str]) -> Iterator[list[str]]:
    """The lines that have arrived since the last batch, TOGETHER at most; read ahead by a thread."""
    arrived: queue.Queue[str | BaseException | None] = queue.Queue(READ_AHEAD)

    def read() -> None:
        try:
            for line in lines:
                arrived.put(line)
            arrived.put(None)
        except BaseException as error:  # raised again where the lines are used
            arrived.put(error)

    threading.Thread(target=read, daemon=True).start()
    ended: BaseException | bool = False
    while not ended:
        batch: list[str] = []
        while len(batch) < TOGETHER and not (batch and arrived.empty()):
            one = arrived.get()
            if not isinstance(one, str):
                ended = one or True
                break
            batch.append(one)
        if batch:
            yield batch
    if isinstance(ended, BaseException):
        raise ended
