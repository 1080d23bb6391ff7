"""Migrations: the schema is theirs, up and down, at once or not at all, never backwards by accident."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable
from toy_dialogue import toy_model

from chatbot.dialogue.dialogue import Dialogue
from chatbot.errors import StoreError
from chatbot.store import engine as engine_module
from chatbot.store import migrate, schema
from chatbot.store.engine import connect
from chatbot.store.history import History
from chatbot.store.location import locate
from chatbot.store.recorded import RecordedDialogue

FUTURE = '''"""Widen."""

import time

import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "9001", "HEAD", None, None


def upgrade():
    with op.batch_alter_table("turn", recreate="always") as batch:
        batch.add_column(sa.Column("language", sa.Text))
    for number in range(PARTS):
        op.create_table(f"part_{number}", sa.Column("id", sa.Integer))
        time.sleep(0.002)
'''.replace("HEAD", schema.HEAD)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database with one conversation at today's revision."""
    path = tmp_path / "history.db"
    with History.open(str(path)) as history:
        RecordedDialogue(Dialogue(toy_model()), history).reply("hello")
    return path


@pytest.fixture
def future(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Migrations with a newer revision than today's, in force."""
    folder = tmp_path / "future"
    shutil.copytree(migrate.migrations_folder(), folder)
    (folder / "versions" / "9001_widen.py").write_text(FUTURE.replace("PARTS", "2"))
    monkeypatch.setattr(migrate, "migrations_folder", lambda: folder)
    for module in (migrate, engine_module):
        monkeypatch.setattr(module, "HEAD", "9001")
    return folder


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def test_head_is_the_newest_migration_and_there_is_one() -> None:
    scripts = ScriptDirectory.from_config(migrate.alembic_config())
    assert scripts.get_heads() == [schema.HEAD]


def test_every_migration_is_numbered_says_why_and_goes_back() -> None:
    for number, script in enumerate(
        reversed(list(ScriptDirectory.from_config(migrate.alembic_config()).walk_revisions())), start=1
    ):
        assert script.revision == f"{number:04}"
        assert re.match(rf"{script.revision}_\w+\.py$", Path(script.path).name)
        assert len(script.doc) > 20
        assert callable(script.module.downgrade)


def test_the_names_and_references_of_constraints_are_those_of_the_schema(path: Path) -> None:
    made = {table: _words(sql) for table, sql in rows(path, "SELECT name, sql FROM sqlite_master WHERE type = 'table'")}
    engine = connect(locate(str(path)))
    for name, table in schema.metadata.tables.items():
        assert made[name] == _words(str(CreateTable(table).compile(engine)))
    engine.dispose()


def _words(sql: str) -> list[str]:
    """A statement's parts in an order that does not depend on how constraints were listed."""
    return sorted(part.strip(" ,\n\t") for part in re.split(r",\s+", sql.partition("(")[2].rstrip(") \n")))


def test_the_tables_can_be_made_elsewhere_too() -> None:
    ddl = "".join(str(CreateTable(t).compile(dialect=postgresql.dialect())) for t in schema.metadata.sorted_tables)
    assert "BIGSERIAL" in ddl
    assert "leaf_turn_id" in ddl
    assert "fk_conversation_leaf_turn_id" not in ddl  # added once both tables are there


def test_a_new_database_opens_and_a_known_one_needs_no_alembic(tmp_path: Path) -> None:
    code = (
        "import sys; from chatbot.store.history import History\n"
        "with History.open(sys.argv[1]) as h: h.start_conversation('hello'); h.list_conversations()\n"
        "print('alembic' in sys.modules, 'sqlalchemy.orm' in sys.modules, 'numpy' in sys.modules)"
    )
    run = [sys.executable, "-c", code, str(tmp_path / "new.db")]
    found = [subprocess.run(run, capture_output=True, text=True, check=True).stdout.split() for _ in range(2)]
    assert found[0][0] == "True"
    assert found[1] == ["False", "False", "False"]


def test_an_older_database_is_copied_and_upgraded(path: Path, future: Path) -> None:
    with History.open(str(path)) as history:
        assert history.opened_at == schema.HEAD
    backup = path.with_name(f"history.db.backup-{schema.HEAD}")
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert rows(backup, "SELECT version_num FROM alembic_version") == [(schema.HEAD,)]
    assert rows(path, "SELECT version_num FROM alembic_version") == [("9001",)]
    for file in (path, backup):  # rebuilding a table deletes none of the rows that refer to it
        assert rows(file, "SELECT turn.text, count(reply.id) FROM turn JOIN reply ON turn.id = turn_id") == [
            ("hello", 1)
        ]
        assert rows(file, "PRAGMA foreign_key_check") == []
    assert rows(path, "SELECT language FROM turn") == [(None,)]


def test_a_failing_upgrade_changes_nothing(path: Path, future: Path) -> None:
    (future / "versions" / "9001_widen.py").write_text(FUTURE.replace("PARTS", "2") + "    op.execute('nonsense')\n")
    before = rows(path, "SELECT * FROM sqlite_master")
    with pytest.raises(StoreError, match="syntax error, or use another file with --database PATH"):
        History.open(str(path))
    assert rows(path, "SELECT * FROM sqlite_master") == before
    assert rows(path, "SELECT version_num FROM alembic_version") == [(schema.HEAD,)]


@pytest.mark.parametrize("revision", [f"{int(schema.HEAD) + 1:04}", "9999", "a1b2c3"])
def test_a_newer_database_is_refused(path: Path, revision: str) -> None:
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    content = path.read_bytes()
    line = f"is at revision {revision}, this version knows up to {schema.HEAD}; upgrade chatbot"
    with pytest.raises(StoreError, match=line):
        History.open(str(path))
    assert path.read_bytes() == content


def test_a_revision_that_never_was_is_refused(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("UPDATE alembic_version SET version_num = '0000'")
    with pytest.raises(StoreError, match="is at revision 0000"):
        History.open(str(path))


UPGRADE = """
import os, shutil, sys, time
from pathlib import Path
from chatbot.store import engine, migrate
from chatbot.store.history import History

path, folder, delays = Path(sys.argv[1]), Path(sys.argv[2]), map(float, sys.argv[3:])
migrate.migrations_folder = lambda: folder
migrate.HEAD = engine.HEAD = "9001"
for number, delay in enumerate(delays):
    copy = path.with_name(f"{number}.db")
    shutil.copy(path, copy)
    child = os.fork()
    if child == 0:
        History.open(str(copy))
        os._exit(0)
    time.sleep(delay)
    os.kill(child, 9)
    os.wait()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")
def test_killed_while_upgrading_it_is_the_old_database_or_the_new(path: Path, future: Path) -> None:
    (future / "versions" / "9001_widen.py").write_text(FUTURE.replace("PARTS", "40"))
    delays = [0.04 * step for step in range(10)]
    run = [sys.executable, "-c", UPGRADE, str(path), str(future), *map(str, delays)]
    subprocess.run(run, check=True)
    for number in range(len(delays)):
        copy = path.with_name(f"{number}.db")
        found = rows(copy, "SELECT version_num FROM alembic_version")[0][0]
        parts = rows(copy, "SELECT count(*) FROM sqlite_master WHERE name LIKE 'part_%'")[0][0]
        assert (found, parts) in {(schema.HEAD, 0), ("9001", 40)}
        assert rows(copy, "PRAGMA integrity_check") == [("ok",)]
        assert rows(copy, "SELECT text FROM turn") == [("hello",)]
        with History.open(str(copy)) as history:
            assert history.list_conversations()[0].title == "hello"
        assert rows(copy, "SELECT version_num FROM alembic_version") == [("9001",)]


def test_threads_make_databases_side_by_side(tmp_path: Path) -> None:
    """Alembic keeps its context in its modules, where two threads would undo each other's."""

    def revision(number: int) -> str:
        file = tmp_path / f"{number}.db"
        History.open(str(file)).close()
        with closing(sqlite3.connect(file)) as database:
            return str(database.execute("SELECT version_num FROM alembic_version").fetchone()[0])

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(revision, range(24))) == {schema.HEAD}
