"""All that is SQLite's own: a private file, durable transactions, checks, backups, and what its errors mean."""

from __future__ import annotations

import contextlib
import os
import random
import sqlite3
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event

from chatbot.errors import StoreError
from chatbot.files import sync_folder

BUSY_TIMEOUT = 30_000  # milliseconds to wait for another process
WRITING = {"sqlite_writing": 1}  # execution options of a transaction that writes: how many times that it waits
UPGRADING = {"sqlite_writing": 10}  # of an upgrade, which waits for another one

_LOCKED = "is locked by another process; close that one or wait"
_READ_ONLY = "cannot be written; make it and its folder writable"
_NO_FTS5 = (
    "SQLite cannot search here: what was imported before sqlite3, such as TensorFlow, brought an SQLite without FTS5; "
    "put `import sqlite3` first"
)
_MEANING = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_FULL: "the disk is full; free some space",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; see that it is a file, and that its folder can be written",
    sqlite3.SQLITE_IOERR: "cannot be read or written; see that the disk is not full or broken",
    sqlite3.SQLITE_NOTADB: "is not an SQLite database, or is damaged; move it away, or see: chatbot db check",
    sqlite3.SQLITE_CORRUPT: "is damaged; see: chatbot db check",
}


def journal_mode(version: tuple[int, ...]) -> str:
    """WAL where this version of SQLite is free of the WAL-reset bug, else TRUNCATE.

    Two connections that write and checkpoint can lose committed pages in 3.7.0 to 3.51.2; fixed in 3.51.3, back-ported
    to 3.44.6 and 3.50.7 (https://sqlite.org/wal.html#the_wal_reset_bug).
    """
    fixed = version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)
    return "WAL" if fixed else "TRUNCATE"


def prepare_file(path: Path) -> None:
    """Create the file for its owner only (0600), in a folder for its owner only (0700), before SQLite would.

    SQLite gives its journals the mode of the database. What exists already keeps its mode.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            with contextlib.suppress(FileExistsError):  # another process was faster
                os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        way_out = "use another file with --database PATH, or talk with --no-history"
        raise StoreError(f"{path}: cannot be created ({reason}); {way_out}") from error


def configure(engine: Engine) -> None:
    """Make every connection durable, and every transaction one: BEGIN, or BEGIN IMMEDIATE under `WRITING`.

    sqlite3 itself would begin only before some statements, so that DDL and reads were outside (SQLAlchemy,
    "Enabling Non-Legacy SQLite Transactional Modes").
    """

    @event.listens_for(engine, "connect")
    def connected(connection: Any, record: Any) -> None:
        connection.isolation_level = None
        mode = journal_mode(sqlite3.sqlite_version_info)
        for pragma in (f"busy_timeout={BUSY_TIMEOUT}", f"journal_mode={mode}", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        driver = connection.connection.driver_connection
        assert driver is not None
        if patience := connection.get_execution_options().get("sqlite_writing"):
            _begin_writing(driver, patience * BUSY_TIMEOUT / 1000)
        else:
            driver.execute("BEGIN")


def _begin_writing(driver: Any, seconds: float) -> None:
    """BEGIN IMMEDIATE within so many seconds.

    SQLite's own wait sleeps longer and longer, up to 100 ms, and so starves beside one who writes without a pause;
    asked for at short random intervals, each gets its turn.
    """
    end = time.monotonic() + seconds
    driver.execute("PRAGMA busy_timeout=0")
    try:
        while True:
            try:
                driver.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if not is_busy(error) or time.monotonic() > end:
                    raise
            time.sleep(random.uniform(0.001, 0.01))
    finally:
        driver.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT}")


@contextlib.contextmanager
def without_foreign_keys(connection: Connection) -> Iterator[None]:
    """Between transactions: let tables be rebuilt without their rows' children being deleted."""
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def broken_references(connection: Connection) -> list[str]:
    """One line a row that refers to a row that does not exist."""
    rows = connection.exec_driver_sql("PRAGMA foreign_key_check")
    return [f"row {row} of {table} refers to a missing row of {parent}" for table, row, parent, _ in rows]


def damages(connection: Connection) -> list[str]:
    """One line for each thing wrong with the file and the references between its rows; none where it is whole."""
    found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA quick_check(10)")]
    return [line for line in found if line != "ok"] + broken_references(connection)


def damaged_indexes(connection: Connection, names: Iterable[str]) -> list[str]:
    """Those of these full-text indexes that are damaged, or do not hold the words of their table. Changes nothing."""
    driver = connection.connection.driver_connection
    assert driver is not None
    there = {name for (name,) in driver.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    found = []
    for name in (name for name in names if name in there):
        try:
            driver.execute(f"INSERT INTO {name}({name}, rank) VALUES ('integrity-check', 1)").close()
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            found.append(name)
    connection.rollback()
    return found


def is_damage(error: BaseException) -> bool:
    """Whether an error says that the file is damaged."""
    damage = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
    return isinstance(error, UnicodeDecodeError) or getattr(error, "sqlite_errorcode", 0) & 0xFF in damage


def is_database(error: BaseException) -> bool:
    """Whether an error comes of a file that SQLite takes for a database."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_NOTADB


def is_busy(error: BaseException) -> bool:
    """Whether an error says that another process has locked the file."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def back_up(path: Path, revision: str) -> Path:
    """Copy a database as committed to PATH.backup-REVISION (0600), whole or not at all; returns that path."""
    target = path.with_name(f"{path.name}.backup-{revision}")
    copy_database(path, target)
    return target


def copy_database(path: Path, target: Path) -> None:
    """Copy a database as committed (0600), whole or not at all, while others use it; a file at `target` is replaced."""
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    temporary.unlink(missing_ok=True)
    os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    try:
        with (
            contextlib.closing(sqlite3.connect(path)) as source,
            contextlib.closing(sqlite3.connect(temporary)) as copy,
        ):
            copy.execute("PRAGMA synchronous=FULL")
            source.backup(copy)
        temporary.replace(target)
        sync_folder(target.parent)
    finally:
        temporary.unlink(missing_ok=True)


def explained(error: BaseException) -> str | None:
    """What an error of SQLite means for its user; None where it is another's error or an unexpected one."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None and "no such module: fts5" in str(error):
        return _NO_FTS5
    return None if code is None else _MEANING.get(code & 0xFF)
