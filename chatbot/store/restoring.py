"""A backup of a database -> the database again; what was in its place is kept beside it."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from chatbot.errors import StoreError
from chatbot.files import sync_folder
from chatbot.store import sqlite
from chatbot.store.backups import own_files
from chatbot.store.engine import connect, stored_revision
from chatbot.store.failures import store_errors
from chatbot.store.location import Location, locate


def restore(backup: Path, database: str | None = None) -> list[Path]:
    """Put a copy of a backup in the place of the database; the files that were there, under their new names.

    `StoreError` where the backup is damaged, no database of this program or of a newer version, and where another
    process uses the database; both are then as they were.
    """
    location = locate(database)
    if location.path is None:
        raise StoreError(f"{location.shown}: is no file; restore it with the server's own tool, such as pg_restore")
    if backup.absolute() == location.path:
        raise StoreError(f"{backup}: is the database itself; name a backup of it")
    _check(backup)
    path = location.path
    temporary = path.with_name(f".{path.name}.{os.getpid()}.restored.tmp")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with store_errors(str(backup)):
            sqlite.copy_database(backup, temporary)
        with _alone(path):
            moved = list(_moved_aside(path))
            temporary.replace(path)
            sync_folder(path.parent)
    except OSError as error:
        reason = error.strerror or error
        raise StoreError(f"{path}: cannot be restored ({reason}); see that its folder can be written") from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
    return moved


def _check(backup: Path) -> None:
    if not backup.is_file():
        raise StoreError(f"{backup}: is no file; name a backup, such as those that chatbot db check lists")
    at = Location(f"sqlite:///{backup}", backup.absolute())
    engine = connect(at)
    try:
        with store_errors(str(backup)), engine.connect() as connection:
            if found := sqlite.damages(connection):
                raise StoreError(f"{backup}: is damaged: {found[0]}; name another backup")
            if stored_revision(connection, at) is None:
                raise StoreError(f"{backup}: holds no conversations; name another backup")
    finally:
        engine.dispose()


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """While nobody else uses the database, as far as it can still be read."""
    if not path.exists():
        yield
        return
    with contextlib.closing(sqlite3.connect(path, timeout=sqlite.BUSY_TIMEOUT / 1000, isolation_level=None)) as other:
        try:
            other.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            if sqlite.is_busy(error):
                raise StoreError(f"{path}: is used by another process; end that one first") from error
        yield


def _moved_aside(path: Path) -> Iterator[Path]:
    """Rename the files of a database so that nothing takes them for its own; the database itself comes first."""
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    for file in own_files(path):
        aside = file.with_name(f"{path.name}.replaced-{stamp}{file.name.removeprefix(path.name)}")
        file.rename(aside)
        yield aside
