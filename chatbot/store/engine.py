"""A location -> an SQLAlchemy engine whose database is at this version's revision."""

from __future__ import annotations

import json
from functools import partial

from sqlalchemy import URL, Connection, Engine, create_engine, inspect, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from chatbot.errors import StoreError
from chatbot.store import sqlite
from chatbot.store.failures import ELSEWHERE, store_errors
from chatbot.store.location import Location
from chatbot.store.schema import HEAD

_compact = partial(json.dumps, separators=(",", ":"), allow_nan=False)


def connect(location: Location) -> Engine:
    """An engine; an SQLite file that does not exist is created, empty. `StoreError` for a URL that leads nowhere."""
    where = location.shown
    try:
        url = URL.create("sqlite", database=str(location.path)) if location.path else make_url(location.url)
        engine = create_engine(url, json_serializer=_compact, pool_pre_ping=not url.drivername.startswith("sqlite"))
    except ImportError as error:
        raise StoreError(f"{where}: needs the Python package {error.name}; install it, {ELSEWHERE}") from error
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise StoreError(f"{where}: is no URL of a database; give one, or the path of a file") from error
    if engine.dialect.name == "sqlite":
        if location.path:
            sqlite.prepare_file(location.path)
        sqlite.configure(engine)
    return engine


def bring_up_to_date(engine: Engine, location: Location) -> str | None:
    """Make or upgrade the tables where that is due; returns the revision found, None for a new database.

    `StoreError` where the database is of a newer version, another program's, or cannot be written.
    """
    with store_errors(location.shown):
        with engine.connect() as connection:
            found = stored_revision(connection, location)
        if found != HEAD:
            from chatbot.store.migrate import upgrade

            upgrade(engine, location)
    return found


def stored_revision(connection: Connection, location: Location) -> str | None:
    """The revision a database is at, None for an empty one; `StoreError` for a newer or another program's."""
    if not connection.dialect.has_table(connection, "alembic_version"):
        if inspect(connection).get_table_names():
            raise StoreError(f"{location.shown}: is a database of another program; use another with --database PATH")
        return None
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    if found is not None and str(found) > HEAD:
        raise unknown_revision(str(found), location)
    return None if found is None else str(found)


def unknown_revision(found: str, location: Location) -> StoreError:
    """The error for a database that this version does not know how to read."""
    return StoreError(
        f"{location.shown}: is at revision {found}, this version knows up to {HEAD}; upgrade chatbot, {ELSEWHERE}"
    )
