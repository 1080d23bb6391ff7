"""A file that `chatbot history export` or another program wrote -> conversations in a history, each once."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from chatbot.errors import StoreError
from chatbot.store.adding import add_record
from chatbot.store.formats.files import Outcome, records_of
from chatbot.store.history import History

AT_ONCE = 50  # conversations in a transaction
MOST_ERRORS = 1000  # that are kept; the others are counted


@dataclass(slots=True)
class Imported:
    """What came of a file: numbers of the conversations added, how many were here already, a line for each bad one."""

    added: list[int] = field(default_factory=list)
    known: int = 0
    errors: list[str] = field(default_factory=list)
    bad: int = 0

    @property
    def summary(self) -> str:
        """One line about it."""
        added = f"{len(self.added)} conversation{'s' if len(self.added) != 1 else ''} added"
        known = f", {self.known} here already" if self.known else ""
        return added + known + (f", {self.bad} bad line{'s' if self.bad != 1 else ''} left out" if self.bad else "")


def import_file(history: History, path: Path, strict: bool = False, kind: str | None = None) -> Imported:
    """Add the conversations of a file that are not here yet; bad ones are left out and reported.

    `strict` adds all or nothing: `StoreError` for the first that is bad. `kind` is a format, None to tell by the
    content. `StoreError` also where the file cannot be read, or holds nothing that could be a conversation.
    """
    with contextlib.ExitStack() as until_the_end:
        try:
            file: BinaryIO = until_the_end.enter_context(path.open("rb"))
            file = file if file.seekable() else until_the_end.enter_context(spooled(file))
        except OSError as error:
            raise StoreError(f"{path}: cannot be read: {error.strerror or error}") from error
        return import_open(history, file, str(path), strict, kind)


def import_open(history: History, file: BinaryIO, name: str, strict: bool = False, kind: str | None = None) -> Imported:
    """As `import_file`, of an open file that can be read again from its start; errors call it `name`."""
    if strict:
        for one in records_of(file, name, kind):
            if isinstance(one, StoreError):
                raise one
        file.seek(0)
    outcome = Imported()
    good = _good(records_of(file, name, kind), outcome)
    numbers: list[int | None] = []
    while True:
        part = good if strict else iter(list(islice(good, AT_ONCE)))  # read before the database waits for it
        before = len(numbers)
        with history.write() as connection:
            numbers += [add_record(connection, record) for record in part]
        if strict or len(numbers) == before:
            break
    outcome.added, outcome.known = [one for one in numbers if one is not None], numbers.count(None)
    if not (outcome.added or outcome.known or outcome.bad):
        raise StoreError(f"{name}: holds no conversation; expected what chatbot history export writes, or a chat")
    return outcome


def _good(found: Iterator[Outcome], outcome: Imported) -> Iterator[dict[str, Any]]:
    for one in found:
        if isinstance(one, StoreError):
            outcome.bad += 1
            outcome.errors += [str(one)] if len(outcome.errors) < MOST_ERRORS else []
        else:
            yield one


@contextlib.contextmanager
def spooled(stream: BinaryIO) -> Iterator[BinaryIO]:
    """What comes through a pipe, as a file that can be read twice; gone when it is closed."""
    with tempfile.TemporaryFile() as file:
        shutil.copyfileobj(stream, file)
        file.seek(0)
        yield file
