"""A database -> what there is to say of its health, without making, upgrading or changing it."""

from __future__ import annotations

import contextlib
import shlex
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DBAPIError

from chatbot.errors import StoreError
from chatbot.home import home
from chatbot.store import schema, sqlite
from chatbot.store.engine import connect, stored_revision
from chatbot.store.failures import ELSEWHERE, store_errors
from chatbot.store.location import Location, locate
from chatbot.store.schema import HEAD


def health(database: str | None = None) -> Iterator[str]:
    """Lines about a database that is well; `StoreError` with the first damage found in one that is not."""
    location = locate(database)
    if location.path and not location.path.exists():
        yield f"{location.shown}: not made yet; the first conversation makes it"
        return
    engine = connect(location)
    try:
        with store_errors(location.shown), _damage(location), engine.connect() as connection:
            yield from _checked(connection, location)
    finally:
        engine.dispose()


def _checked(connection: Connection, location: Location) -> Iterator[str]:
    revision = stored_revision(connection, location)
    due = "" if revision == HEAD else f", {HEAD} is due: chatbot db upgrade"
    yield f"{location.shown}: revision {revision or 'none'}{due}"
    if connection.dialect.name == "sqlite":
        mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
        yield f"SQLite {sqlite3.sqlite_version}, journal mode {mode}"
        if found := sqlite.damages(connection):
            raise StoreError(f"{location.shown}: is damaged: {found[0]} ({len(found)} found); {_way_out(location)}")
        if indexes := sqlite.damaged_indexes(connection, schema.INDEXES_OF_WORDS):
            what = f"the index {indexes[0]} is damaged, the conversations are not"
            raise StoreError(
                f"{location.shown}: {what}; write them with chatbot history export, and import them {ELSEWHERE[3:]}"
            )
    else:
        version = ".".join(map(str, connection.dialect.server_version_info or ()))
        yield f"{connection.dialect.name} {version}"
    if location.path:
        yield from _open_to_others(location.path)
        yield from (f"backup: {file}" for file in backups(location.path))
    if revision == HEAD:
        counts = [connection.scalar(select(func.count()).select_from(t)) for t in (schema.conversation, schema.turn)]
        yield "{} conversations, {} turns".format(*counts)
    yield "ok"


def backups(path: Path) -> list[Path]:
    """The backups that were made of a database before its upgrades, the latest first."""
    found = path.parent.glob(f"{path.name}.backup-*")
    return sorted(found, key=lambda file: (file.stat().st_mtime, file.name), reverse=True)


def _open_to_others(path: Path) -> Iterator[str]:
    """One line for each file of the database and its backups, and for the user's own folder, that others can read."""
    folder = [home()] if path.parent == home() else []
    for place in [*folder, *sorted(path.parent.glob(f"{path.name}*"))]:
        mode = stat.S_IMODE(place.stat().st_mode)
        if mode & 0o077:
            keep = f"chmod {'700' if place.is_dir() else '600'} {shlex.quote(str(place))}"
            yield f"others can read it (mode {mode:04o}); keep it to yourself with: {keep}"


@contextlib.contextmanager
def _damage(location: Location) -> Iterator[None]:
    """Say the way out where the file is too damaged to be checked."""
    try:
        yield
    except (UnicodeDecodeError, DBAPIError, sqlite3.Error) as error:
        cause = getattr(error, "orig", None) or error
        if not sqlite.is_damage(cause):
            raise
        what = "is damaged" if sqlite.is_database(cause) else "is not an SQLite database, or is damaged"
        raise StoreError(f"{location.shown}: {what}; {_way_out(location)}") from error


def _way_out(location: Location) -> str:
    found = backups(location.path) if location.path else []
    named = shlex.quote(str(found[0])) if found else "BACKUP"
    at = "" if location == locate() else f" --database {shlex.quote(location.shown)}"
    return f"go back to {'its' if found else 'a'} backup with: chatbot db restore {named}{at}, {ELSEWHERE}"
