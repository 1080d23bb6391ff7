"""From every earlier revision, with the rows that the program of that time wrote (revisions/), up, down, up again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from old_rows import FILES, Rows, migrated, old_database
from sqlalchemy import Engine, MetaData, Table, select
from toy_dialogue import toy_model

from chatbot.dialogue.dialogue import Dialogue
from chatbot.store import schema
from chatbot.store.engine import connect
from chatbot.store.history import History
from chatbot.store.location import locate
from chatbot.store.recorded import RecordedDialogue
from chatbot.store.searching import search

OPTIONS = {"compare_type": True, "compare_server_default": True, "include_name": schema.is_of_schema}


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
    revision, counts = old_database(new_database, file)
    engine = connect(locate(new_database))
    before = ordered(rows_of(engine))
    assert {name: len(table) for name, table in before.items()} == counts

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
