"""Databases as earlier versions left them: their revision, with the rows that the program of that time wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from alembic import command
from sqlalchemy import JSON, Boolean, Connection, Engine, MetaData, Table, insert, null, text, update

from chatbot.store import migrate, sqlite
from chatbot.store.engine import connect
from chatbot.store.location import locate

FILES = sorted(Path(__file__).with_name("revisions").glob("*.json"))
LATER = {"leaf_turn_id", "leaf_reply_id", "parent_reply_id"}  # refer to rows of tables that are filled later

Rows = dict[str, list[dict[str, Any]]]


def migrated(engine: Engine, revision: str, up: bool) -> None:
    with engine.execution_options(**sqlite.WRITING).begin() as connection:
        move = command.upgrade if up else command.downgrade
        move(migrate.alembic_config(connection), revision)


def fill(connection: Connection, rows: Rows) -> None:
    """Insert rows as SQLite gave them into the tables as they are."""
    tables = {name: Table(name, MetaData(), autoload_with=connection) for name in rows}
    for name, table in tables.items():
        for row in rows[name]:
            values = {column: value_of(table, column, value) for column, value in row.items() if column not in LATER}
            connection.execute(insert(table).values(values))
    for name, table in tables.items():
        for row in rows[name]:
            if later := LATER & row.keys():
                connection.execute(update(table).where(table.c.id == row["id"]).values({c: row[c] for c in later}))
        if connection.dialect.name == "postgresql" and "id" in table.c:
            connection.execute(text(f"SELECT setval('{name}_id_seq', (SELECT max(id) FROM {name}))"))


def value_of(table: Table, column: str, value: Any) -> Any:
    kind = table.c[column].type
    if isinstance(kind, JSON):
        return null() if value is None else json.loads(value)
    return bool(value) if isinstance(kind, Boolean) else value


def old_database(url: str, file: Path) -> tuple[str, dict[str, int]]:
    """Make a database of one of FILES where there is none; its revision and how many rows its tables hold."""
    rows: Rows = json.loads(file.read_text(encoding="utf-8"))
    revision = str(rows.pop("revision"))
    engine = connect(locate(url))
    migrated(engine, revision, up=True)
    with engine.begin() as connection:
        fill(connection, rows)
    engine.dispose()
    return revision, {name: len(table) for name, table in rows.items()}
