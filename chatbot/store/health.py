"""A database -> what there is to say of its health, without making, upgrading or changing it."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from chatbot.errors import StoreError
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
        with store_errors(location.shown), engine.connect() as connection:
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
            what = f"is damaged: {found[0]} ({len(found)} found)"
            raise StoreError(f"{location.shown}: {what}; keep a copy of it, go back to a backup, {ELSEWHERE}")
    if location.path and (mode := stat.S_IMODE(location.path.stat().st_mode)) & 0o077:
        yield f"others can read it (mode {mode:04o}); keep it to yourself with: chmod 600 {location.path}"
    if revision == HEAD:
        counts = [connection.scalar(select(func.count()).select_from(t)) for t in (schema.conversation, schema.turn)]
        yield "{} conversations, {} turns".format(*counts)
    yield "ok"
