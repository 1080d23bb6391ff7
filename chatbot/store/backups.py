"""A database -> a copy of it in a file, made while it is used; and the copies that lie beside it."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from chatbot.errors import StoreError
from chatbot.store import sqlite
from chatbot.store.failures import store_errors
from chatbot.store.history import History

OWN = ("", "-wal", "-shm", "-journal")  # ends of the names of the files that are the database
_MAGIC = b"SQLite format 3\0"


def back_up(history: History, target: Path) -> int:
    """Copy an SQLite database to a new file (0600), and check the copy; its bytes. `StoreError` if a file is there."""
    path = history.location.path
    if path is None:
        raise StoreError(f"{history.location.shown}: is no file; back it up with its server's tool, such as pg_dump")
    if target.is_dir():
        raise StoreError(f"{target}: is a folder; name a file in it, such as {target / 'history-backup.db'}")
    if os.path.lexists(target):
        raise StoreError(f"{target}: is there already and is kept; choose another name, or remove it first")
    try:
        with store_errors(history.location.shown):
            sqlite.copy_database(path, target)
    except OSError as error:
        raise StoreError(f"{target}: cannot be written: {error.strerror or error}") from error
    with store_errors(str(target)), contextlib.closing(sqlite3.connect(target)) as copy:
        found = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise StoreError(f"{target}: is damaged, and so is {path} ({found}); see: chatbot db check")
    return target.stat().st_size


def own_files(path: Path) -> list[Path]:
    """The files that a database is made of, of those that there are."""
    return [file for end in OWN if (file := path.with_name(path.name + end)).is_file()]


def backups_beside(path: Path) -> Iterator[Path]:
    """Other databases in the folder of one, and files that are named after it."""
    own = {path.name + end for end in OWN}
    with contextlib.suppress(OSError):
        for file in sorted(path.parent.iterdir()):
            if file.name not in own and file.is_file() and not file.is_symlink() and _is_backup(file, path.name):
                yield file


def _is_backup(file: Path, name: str) -> bool:
    if file.name.lstrip(".").startswith(name):
        return True
    with contextlib.suppress(OSError), file.open("rb") as opened:
        return opened.read(len(_MAGIC)) == _MAGIC
    return False
