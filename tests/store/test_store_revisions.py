"""From every earlier revision, with the rows that the program of that time wrote (revisions/), up, down, up again."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import JSON, Boolean, Connection, Engine, MetaData, Table, insert, null, select, text, update
from toy_dialogue import toy_model

from chatbot.dialogue.dialogue import Dialogue
from chatbot.store import migrate, schema, sqlite
from chatbot.store.engine import connect
from chatbot.store.history import History
from chatbot.store.location import locate
from chatbot.store.recorded import RecordedDialogue
from chatbot.store.searching import search

FILES = sorted(Path(__file__).with_name("revisions").glob("*.json"))
LATER = {"leaf_turn_id", "leaf_reply_id", "parent_reply_id"}  # refer to rows of tables that are filled later
OPTIONS = {"compare_type": True, "compare_server_default": True, "include_name": schema.is_of_schema}

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


def rows_of(engine: Engine) -> Rows:
    with engine.connect() as connection:
        tables = [Table(name, MetaData(), autoload_with=connection) for name in schema.metadata.tables]
        return {table.name: [dict(row) for row in connection.execute(select(table)).mappings()] for table in tables}


def ordered(rows: Rows) -> Rows:
    return {name: sorted(table, key=lambda row: str(row.get("id"))) for name, table in rows.items()}


def look(url: str, revision: str) -> None:
    """What was kept is there, and found."""
    with History.open(url) as history:
        assert history.opened_at == revision
        first, second = history.show(1), history.show(2)
        assert [step.turn.text for step in first.path] == ["Hello there", "and on\nwith a second line"]
        assert [turn.text for turn in first.turns] == ["Hello there", "to be undone", "and on\nwith a second line"]
        assert [len(turn.replies) for turn in first.turns] == [2, 1, 1]
        assert {one.kind for one in first.annotations} == {"rating", "correction", "note", "bookmark"}
        assert [turn.text for turn in second.turns] == ["Grüße ☃ \U0001f600", "never answered"]
        receipt = second.turns[0].replies[0].receipt()
        again = toy_model(beam_size=3).answer([second.turns[0].text], [False], receipt.settings, receipt.seed)
        assert (again.text, again.token_ids) == (receipt.text, receipt.token_ids)
        assert [one.kind for one in search(history, "general hello")] == ["correction"]
        assert [one.kind for one in search(history, "never")] == ["turn"]
        assert history.recent_input_lines() == ["Hello there", "/help"]


def test_there_are_rows_of_every_earlier_revision() -> None:
    assert [file.stem for file in FILES] == [f"{number:04}" for number in range(1, int(schema.HEAD))]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_up_down_and_up_again(new_database: str, file: Path) -> None:
    rows: Rows = json.loads(file.read_text(encoding="utf-8"))
    revision = rows.pop("revision")
    engine = connect(locate(new_database))
    migrated(engine, revision, up=True)
    with engine.begin() as connection:
        fill(connection, rows)
    before = ordered(rows_of(engine))
    assert {name: len(table) for name, table in before.items()} == {name: len(table) for name, table in rows.items()}

    look(new_database, revision)
    path = locate(new_database).path
    if path:
        backup = connect(locate(str(path.with_name(f"{path.name}.backup-{revision}"))))
        assert ordered(rows_of(backup)) == before
        backup.dispose()

    migrated(engine, revision, up=False)
    assert ordered(rows_of(engine)) == before
    look(new_database, revision)
    with History.open(new_database) as history:
        RecordedDialogue.resume(Dialogue(toy_model()), history, 1).reply("and it goes on")
        assert [one.kind for one in search(history, "goes")] == ["turn"]
    engine.dispose()


def test_the_migrated_database_is_the_schema(new_database: str) -> None:
    History.open(new_database).close()
    engine = connect(locate(new_database))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=OPTIONS)
        assert compare_metadata(context, schema.metadata) == []
    engine.dispose()


def test_down_to_nothing_and_up_again(new_database: str) -> None:
    with History.open(new_database) as history:
        history.start_conversation("hello")
    engine = connect(locate(new_database))
    migrated(engine, "base", up=False)
    with engine.connect() as connection:
        assert connection.dialect.get_table_names(connection) == ["alembic_version"]
    engine.dispose()
    with History.open(new_database) as history:
        assert history.list_conversations() == []


def test_two_that_open_a_new_database_at_once_both_get_it(new_database: str) -> None:
    code = (
        "import sys; from chatbot.store.history import History; History.open(sys.argv[1]).start_conversation('hello')"
    )
    run = [sys.executable, "-c", code, new_database]
    for child in [subprocess.Popen(run) for _ in range(2)]:
        assert child.wait() == 0
    with History.open(new_database) as history:
        assert history.numbers() == [1, 2]
