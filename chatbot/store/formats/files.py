"""A file from anywhere -> its conversations as checked records, and for each that is none, what is wrong with it.

Lines of JSON are read one by one; the other formats as a whole, up to `LARGEST_TEXT`.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from chatbot.errors import StoreError
from chatbot.store.checking import checked, parsed
from chatbot.store.formats import markdown, messages, plain, spreadsheet, webpage

LONGEST_LINE = 64 << 20  # bytes
LARGEST_TEXT = 256 << 20  # bytes
LOOKED_AT = 4096  # bytes from which the format is told

Outcome = dict[str, Any] | StoreError
Found = Iterator[tuple[int, str | dict[str, Any] | StoreError]]

READERS: dict[str, Callable[[str], Found]] = {
    "markdown": markdown.records,
    "html": webpage.records,
    "csv": spreadsheet.records,
    "text": plain.records,
}
IMPORTED = ("jsonl", "openai", *READERS)  # names of formats that are read


def records_of(file: BinaryIO, name: str, kind: str | None = None) -> Iterator[Outcome]:
    """The conversations of a file (gzip or not) that errors call `name`; `kind` is one of IMPORTED, None to guess.

    `StoreError` is raised where the file itself cannot be read; what is wrong with one conversation is yielded.
    """
    try:
        if file.read(2) == b"\x1f\x8b":
            file.seek(0)
            with gzip.open(file) as inner:
                yield from _records(inner, name, kind)  # type: ignore[arg-type]
            return
        file.seek(0)
        yield from _records(file, name, kind)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error) or "ends too early"
        raise StoreError(f"{name}: cannot be read: {reason}") from error


def _records(file: BinaryIO, name: str, kind: str | None) -> Iterator[Outcome]:
    start = file.read(LOOKED_AT)
    file.seek(0)
    kind = kind or kind_of(start, name)
    if kind in READERS:
        for number, found in READERS[kind](_whole(file, name).decode("utf-8-sig", "replace")):
            yield _outcome(found, f"{name}:{number}")
    elif (value := _whole_value(file)) is not None:
        yield from _items(value, name)
    else:
        yield from _lines(file, name)


def kind_of(start: bytes, name: str) -> str:
    """The format of a file that starts so; where that leaves it open, the one that its name asks for."""
    text = start.decode("utf-8-sig", "replace").lstrip()
    if text[:1] in ("{", "["):
        return "openai" if name.removesuffix(".gz").endswith(".json") else "jsonl"
    if re.match(r"<!doctype html|<html", text, re.IGNORECASE):
        return "html"
    first = text.partition("\n")[0].strip()
    if first.startswith("uid,"):
        return "csv"
    if first == "#" or first.startswith(("# ", "<!--", "**You:**")):
        return "markdown"
    if plain.header_time(first) or first.startswith(("you: ", "bot: ")):
        return "text"
    ends = {".md": "markdown", ".html": "html", ".htm": "html", ".csv": "csv", ".txt": "text", ".json": "openai"}
    return next((kind for end, kind in ends.items() if name.removesuffix(".gz").lower().endswith(end)), "jsonl")


def _whole(file: BinaryIO, name: str) -> bytes:
    content = file.read(LARGEST_TEXT + 1)
    if len(content) > LARGEST_TEXT:
        raise StoreError(f"{name}: has over {LARGEST_TEXT:,} bytes; only lines of JSON can be so many, or split it")
    return content


def _whole_value(file: BinaryIO) -> Any:
    """The file as one value of JSON, where its first line is none by itself; None for lines of JSON, or of anything."""
    line = file.readline(LONGEST_LINE)
    more = file.read(1)
    file.seek(0)
    if not more or isinstance(_parsed(line, ""), StoreError):
        content = file.read(LARGEST_TEXT + 1)
        file.seek(0)
        found = _parsed(content, "") if len(content) <= LARGEST_TEXT else None
        return None if isinstance(found, StoreError) else found
    return None


def _items(value: Any, name: str) -> Iterator[Outcome]:
    """Of a list of chats or records, of a list of messages, or of one of them."""
    if messages.is_chat(value) or not isinstance(value, list):
        yield _outcome(value, f"{name}:1")
        return
    for place, one in enumerate(value, start=1):
        yield _outcome(one, f"{name}: item {place}")


def _lines(file: BinaryIO, name: str) -> Iterator[Outcome]:
    """Of each line that is not blank; one that is too long is passed over."""
    number = 0
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        where = f"{name}:{number}"
        if len(line) > LONGEST_LINE:
            while line and not line.endswith(b"\n"):
                line = file.readline(LONGEST_LINE)
            yield StoreError(f"{where}: a line of over {LONGEST_LINE:,} bytes; no conversation is that long")
        elif line.strip():
            yield _outcome(_parsed(line, where), where)


def _parsed(content: bytes, where: str) -> Any:
    try:
        return parsed(content, where)
    except StoreError as error:
        return error


def _outcome(found: Any, where: str) -> Outcome:
    """What was found, checked: a record, a chat to make one of, JSON that holds one, or an error."""
    if isinstance(found, StoreError):
        return found if str(found).startswith(where) else StoreError(f"{where}: {found}")
    try:
        value = parsed(found.encode("utf-8", "replace"), where) if isinstance(found, str) else found
        value = messages.record_of(value, where) if messages.is_chat(value) else value
        return checked(value, where)
    except StoreError as error:
        return error
