"""A database of an older revision, or an empty one -> the newest revision, at once or not at all.

The only place that imports Alembic, and imported only where a database is not at the newest revision.
"""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Engine

from chatbot.errors import StoreError
from chatbot.store import sqlite
from chatbot.store.engine import stored_revision, unknown_revision
from chatbot.store.location import Location
from chatbot.store.schema import HEAD

_ALEMBIC = threading.Lock()  # it keeps what it is doing in its modules: two threads would undo each other's
ONE_AT_A_TIME = 0x63686174626F74  # the advisory lock of PostgreSQL that upgrades hold: "chatbot"


def migrations_folder() -> Path:
    """Where the migrations are: inside an installed package, or at the top of the repository."""
    package = Path(__file__).resolve().parents[1]
    places = (package / "_migrations", package.parent / "migrations")
    for place in places:
        if (place / "env.py").is_file():
            return place
    raise StoreError(f"{places[0]}: the migrations are missing; install chatbot again")


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, without an alembic.ini; env.py migrates over `connection`."""
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine, location: Location) -> None:
    """Run all migrations that are due in one transaction; an SQLite file with rows is backed up first.

    Waits where another process is doing the same. Killed at any moment, it leaves the old database or the new one.
    """
    is_sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection, contextlib.ExitStack() as around:
        if is_sqlite:
            around.enter_context(sqlite.without_foreign_keys(connection))
            connection.execution_options(**sqlite.UPGRADING)
        around.enter_context(connection.begin())
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})")
        found = stored_revision(connection, location)
        if found == HEAD:
            return
        if found is not None and location.path:
            try:
                sqlite.back_up(location.path, found)
            except OSError as error:
                reason = f"cannot be copied before its upgrade ({error.strerror or error})"
                raise StoreError(f"{location.shown}: {reason}; see that its folder can be written") from error
        try:
            with _ALEMBIC:
                command.upgrade(alembic_config(connection), HEAD)
        except CommandError as error:
            raise unknown_revision(str(found), location) from error
        if is_sqlite and (broken := sqlite.broken_references(connection)):
            raise StoreError(f"{location.shown}: cannot be upgraded, it is damaged: {broken[0]}")
