"""A plan -> nothing of it left: rows, words in indexes, freed pages and journals; and the proof, read from the files.

SQLite leaves deleted text in three places: in segments of the full-text indexes until they are merged, in freed pages
until they are overwritten, and in its journal until that is. All three are seen to, while nobody else can write.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from chatbot.errors import StoreError
from chatbot.store import schema
from chatbot.store.backups import backups_beside, own_files
from chatbot.store.engine import connect
from chatbot.store.failures import store_errors
from chatbot.store.forgetting import READ, Plan, carry_out, still_held
from chatbot.store.history import History
from chatbot.store.residue import counted, needles

_AT_ONCE = 1 << 20  # bytes


@dataclass(frozen=True, slots=True)
class Looked:
    """A file that was looked through: how often it holds any of the texts, None where it could not be read."""

    file: str
    bytes: int
    found: int | None
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Proof:
    """What was forgotten, and what looking for it afterwards found.

    `removed` counts rows by table. `looked_for` is how many spellings of the texts were searched for in the files;
    `elsewhere` are texts that were not, since what is kept holds them, too. `files` are the database's own, `backups`
    those beside it that hold it, or cannot be read.
    """

    removed: dict[str, int]
    looked_for: int
    elsewhere: tuple[str, ...]
    free_pages: int | None
    files: tuple[Looked, ...]
    backups: tuple[Looked, ...]

    @property
    def clean(self) -> bool:
        """Whether nothing of it is in the database's own files."""
        return not self.free_pages and all(one.found == 0 for one in self.files)

    def as_dict(self) -> dict[str, Any]:
        """Everything, for JSON."""
        return asdict(self) | {"clean": self.clean}


def forget(history: History, plan: Plan, backups: bool = False) -> Proof:
    """Carry out a plan, purge the database, and look for what was forgotten; with `backups` remove those that hold it.

    `StoreError` where another process is using the database, which is then as it was before.
    """
    path = history.location.path
    history.close()  # its own connections are others, too; it opens new ones where it is used again
    engine = connect(history.location)
    try:
        with store_errors(history.location.shown), engine.connect() as connection:
            is_sqlite = connection.dialect.name == "sqlite"
            with _alone(connection, path) if is_sqlite else contextlib.nullcontext():
                with connection.begin():
                    removed = carry_out(connection, plan)
                    if is_sqlite:
                        _merge_indexes(connection)
                free = _vacuum(connection) if is_sqlite else None
            with connection.begin():
                held = still_held(connection, plan.texts)
        if not is_sqlite:
            _vacuum_tables(engine)
    finally:
        engine.dispose()
    wanted = needles(set(plan.texts) - held)
    own = tuple(_look(file, wanted) for file in own_files(path)) if path else ()
    others = [_look(file, wanted) for file in backups_beside(path)] if path else []
    if backups:
        others = [_removed(one) if one.found else one for one in others]
    return Proof(removed, len(wanted), tuple(sorted(held)), free, own, tuple(one for one in others if one.found != 0))


@contextlib.contextmanager
def _alone(connection: Connection, path: Path | None) -> Iterator[None]:
    """Keep everyone else out, with a journal that can be overwritten with zeros in the end."""
    driver = connection.connection.driver_connection
    assert driver is not None
    mode = driver.execute("PRAGMA journal_mode").fetchone()[0]
    try:
        for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=PERSIST", "secure_delete=ON"):
            driver.execute(f"PRAGMA {pragma}").fetchall()
        driver.execute("BEGIN EXCLUSIVE")
        driver.execute("COMMIT")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        raise StoreError(f"{path}: is in use by another process; close that one, and forget again") from error
    try:
        yield
    finally:
        if path:
            _zero(path.with_name(f"{path.name}-journal"))
        driver.execute("PRAGMA locking_mode=NORMAL").fetchall()
        driver.execute("SELECT count(*) FROM sqlite_master").fetchall()  # lets the others in again
        driver.execute(f"PRAGMA journal_mode={mode}").fetchall()


def _merge_indexes(connection: Connection) -> None:
    """Make one segment of each full-text index; what was deleted from it is then in none."""
    for index in schema.INDEXES_OF_WORDS:
        connection.exec_driver_sql(f"INSERT INTO {index}({index}) VALUES ('optimize')")


def _vacuum(connection: Connection) -> int:
    """Write the file anew, without free pages; how many of these there are then."""
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute("VACUUM")
    return int(driver.execute("PRAGMA freelist_count").fetchone()[0])


def _vacuum_tables(engine: Engine) -> None:
    """Write the tables of a server anew, without dead rows."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in READ:
            connection.exec_driver_sql(f"VACUUM FULL {table}")


def _zero(path: Path) -> None:
    """Overwrite a file with zeros, then make it empty."""
    with contextlib.suppress(FileNotFoundError), path.open("r+b") as file:
        left = file.seek(0, os.SEEK_END)
        file.seek(0)
        while left > 0:
            left -= file.write(bytes(min(left, _AT_ONCE)))
        file.flush()
        os.fsync(file.fileno())
        file.truncate(0)


def _look(path: Path, wanted: set[bytes]) -> Looked:
    return Looked(str(path), path.stat().st_size, counted(path, wanted))


def _removed(one: Looked) -> Looked:
    """A file that held it, overwritten and removed."""
    path = Path(one.file)
    try:
        _zero(path)
        path.unlink()
    except OSError as error:
        raise StoreError(f"{path}: holds it and cannot be removed: {error.strerror or error}") from error
    return replace(one, removed=True)
