"""Databases for the tests of store/: SQLite, and PostgreSQL where CHATBOT_TEST_POSTGRESQL is a server's URL.

`.ci/postgresql pytest tests/store -m postgresql` starts a server and runs the tests that are for it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url

from chatbot.store import schema
from chatbot.store.history import History

SERVER = os.environ.get("CHATBOT_TEST_POSTGRESQL")  # every test takes such variables away
BOTH = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql))


@pytest.fixture(scope="session")
def _migrated() -> Iterator[str]:
    """The URL of a database on the server that is at the newest revision."""
    with _new_database() as url:
        History.open(url).close()
        yield url


@pytest.fixture(params=BOTH)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, for `History.open`: an SQLite file not made yet, or tables without rows."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'history.db'}"
    _server()
    url: str = request.getfixturevalue("_migrated")
    names = ", ".join(table.name for table in schema.metadata.tables.values())
    _run(url, "SET lock_timeout = '60s'", f"TRUNCATE {names} RESTART IDENTITY CASCADE")
    return url


@pytest.fixture(params=BOTH)
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database of the test's own that has no tables yet."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'history.db'}"
    else:
        with _new_database() as url:
            yield url


@pytest.fixture
def history(database: str) -> Iterator[History]:
    """An empty history, on both databases in turn."""
    with History.open(database) as history:
        yield history


@contextlib.contextmanager
def _new_database() -> Iterator[str]:
    server, name = _server(), f"test_{uuid4().hex}"
    _run(server, f"CREATE DATABASE {name}")
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        _run(server, f"DROP DATABASE {name} WITH (FORCE)")


def _server() -> str:
    if not SERVER:
        pytest.skip("CHATBOT_TEST_POSTGRESQL names no server")
    return SERVER


def _run(url: str, *statements: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()
