"""A private file, durable transactions, and one line for whatever SQLite complains of."""

from __future__ import annotations

import os
import sqlite3
import stat
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event

from chatbot.errors import StoreError
from chatbot.store import sqlite
from chatbot.store.engine import connect
from chatbot.store.health import health
from chatbot.store.history import History
from chatbot.store.location import locate
from chatbot.store.schema import HEAD


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database with one conversation."""
    path = tmp_path / "kept" / "history.db"
    with History.open(str(path)) as history:
        history.start_conversation("hello")
    return path


@pytest.mark.parametrize(
    ("version", "mode"),
    [
        *(((3, 7, 0), "TRUNCATE"), ((3, 40, 1), "TRUNCATE"), ((3, 44, 5), "TRUNCATE"), ((3, 44, 6), "WAL")),
        *(((3, 44, 9), "WAL"), ((3, 45, 0), "TRUNCATE"), ((3, 49, 2), "TRUNCATE"), ((3, 50, 6), "TRUNCATE")),
        *(((3, 50, 7), "WAL"), ((3, 51, 0), "TRUNCATE"), ((3, 51, 2), "TRUNCATE"), ((3, 51, 3), "WAL")),
        *(((3, 52, 0), "WAL"), ((4, 0, 0), "WAL")),
    ],
)
def test_wal_only_where_it_loses_nothing(version: tuple[int, ...], mode: str) -> None:
    assert sqlite.journal_mode(version) == mode


def test_every_connection_is_durable_with_the_sqlite_that_is_linked(path: Path) -> None:
    engine = connect(locate(str(path)))
    with engine.connect() as one, engine.connect() as two:
        for connection in (one, two):
            pragma = lambda name, c=connection: c.exec_driver_sql(f"PRAGMA {name}").scalar()  # noqa: E731
            assert str(pragma("journal_mode")).upper() == sqlite.journal_mode(sqlite3.sqlite_version_info)
            assert (pragma("synchronous"), pragma("foreign_keys"), pragma("busy_timeout")) == (2, 1, 30_000)
    engine.dispose()


def test_ddl_is_part_of_a_transaction(path: Path) -> None:
    engine = connect(locate(str(path)))
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE extra (id INTEGER)")
        connection.rollback()
        assert not engine.dialect.has_table(connection, "extra")
    engine.dispose()


def test_the_file_its_folder_and_its_journal_are_the_owners_alone(tmp_path: Path) -> None:
    path, modes = tmp_path / "a" / "history.db", set()
    before = os.umask(0)
    try:
        with History.open(str(path)) as history:

            @event.listens_for(history._engine, "commit")
            def looked(_: object) -> None:
                modes.update((file.name, stat.S_IMODE(file.stat().st_mode)) for file in path.parent.iterdir())

            history.start_conversation("hello")
    finally:
        os.umask(before)
    journal = "-wal" if sqlite.journal_mode(sqlite3.sqlite_version_info) == "WAL" else "-journal"
    assert {("history.db", 0o600), (f"history.db{journal}", 0o600)} <= modes
    assert {mode for _, mode in modes} == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_database_left_in_wal_is_taken_over_unless_another_is_in_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = sqlite.journal_mode
    monkeypatch.setattr(sqlite, "journal_mode", lambda version: "WAL")
    with History.open(str(path)) as history:
        history.start_conversation("in the log")
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
        assert {"history.db": 0o600, "history.db-wal": 0o600, "history.db-shm": 0o600}.items() <= modes.items()
        monkeypatch.setattr(sqlite, "BUSY_TIMEOUT", 10)
        monkeypatch.setattr(sqlite, "journal_mode", lambda version: "TRUNCATE")
        with one_line(path, "is locked by another process"):
            History.open(str(path))
    with History.open(str(path)) as history:
        assert [one.title for one in history.list_conversations()] == ["in the log", "hello"]
    assert not path.with_name("history.db-wal").exists()
    monkeypatch.setattr(sqlite, "journal_mode", own)
    assert "ok" in list(health(str(path)))


def test_an_existing_file_keeps_its_mode_and_the_check_tells(path: Path) -> None:
    assert list(health(str(path)))[-2:] == ["1 conversations, 1 turns", "ok"]
    path.chmod(0o644)
    History.open(str(path)).close()
    assert f"others can read it (mode 0644); keep it to yourself with: chmod 600 {path}" in list(health(str(path)))


@contextmanager
def one_line(path: Path, what: str) -> Iterator[None]:
    """The block ends in a `StoreError` of one line that names the file, what is wrong, and a way out."""
    with pytest.raises(StoreError) as caught:
        yield
    line = str(caught.value)
    assert line.startswith(f"{path}: {what}"), line
    assert "\n" not in line
    assert "--database PATH" in line


def test_locked_by_another(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT", 10)
    with History.open(str(path)) as history, closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with one_line(path, "is locked by another process"):
            history.start_conversation("lost?")
        other.execute("ROLLBACK")
        other.execute("BEGIN EXCLUSIVE")
        with one_line(path, "is locked by another process"):
            History.open(str(path))
        other.execute("ROLLBACK")
        assert history.start_conversation("kept") == (2, 2)


def test_a_full_disk_refuses_and_loses_nothing(path: Path) -> None:
    with History.open(str(path)) as history:

        @event.listens_for(history._engine, "checkout")
        def small(connection: sqlite3.Connection, *_: object) -> None:
            connection.execute("PRAGMA max_page_count=1").close()

        with one_line(path, "the disk is full; free some space"):
            history.add_turn(1, "x" * 100_000)
    with History.open(str(path)) as history:
        assert [turn.text for turn in history.show(1).turns] == ["hello"]


def test_a_file_that_cannot_be_written(path: Path) -> None:
    engine = connect(locate(str(path)))

    @event.listens_for(engine, "connect")
    def read_only(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA query_only=ON").close()

    history = History(engine, locate(str(path)), HEAD)
    with history, one_line(path, "cannot be written; make it and its folder writable"):
        history.start_conversation("lost?")


def test_a_folder_that_cannot_be_written(path: Path) -> None:
    for journal in path.parent.glob("history.db-*"):
        journal.unlink()
    path.parent.chmod(0o500)
    try:
        if os.access(path.parent, os.W_OK):
            pytest.skip("file modes do not stop this user")
        with one_line(path, "cannot be"), History.open(str(path)) as history:
            history.start_conversation("lost?")
        with one_line(path.with_name("new.db"), "cannot be created (Permission denied)"):
            History.open(str(path.with_name("new.db")))
        path.chmod(0o400)
        with History.open(str(path)) as history:
            assert [one.title for one in history.list_conversations()] == ["hello"]
    finally:
        path.parent.chmod(0o700)


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    with one_line(tmp_path, "cannot be opened"):
        History.open(str(tmp_path))
    (tmp_path / "file").write_text("no folder")
    with one_line(tmp_path / "file" / "history.db", "cannot be created"):
        History.open(str(tmp_path / "file" / "history.db"))


def test_not_a_database(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear all,\n" * 1000)
    with one_line(path, "is not an SQLite database"):
        History.open(str(path))
    assert path.read_text() == "Dear all,\n" * 1000


def test_another_programs_database(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE bookmarks (id INTEGER)")
    content = path.read_bytes()
    with one_line(path, "is a database of another program"):
        History.open(str(path))
    assert path.read_bytes() == content


@pytest.mark.parametrize("url", ["nonsense://x", "sqlite:/x://", "://", "postgresql+nonsense://h/d"])
def test_a_url_that_leads_nowhere(url: str) -> None:
    with pytest.raises(StoreError, match="is no URL of a database"):
        History.open(url)


def test_a_driver_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg2", None)
    with pytest.raises(StoreError, match=r"me:\*\*\*@host/db: needs the Python package psycopg2; install it, or use"):
        History.open("postgresql+psycopg2://me:secret@host/db")


def test_truncated(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with one_line(path, "is damaged"):
        list(health(str(path)))
    path.write_bytes(content[:50])
    with one_line(path, "is"):
        History.open(str(path))


def test_flipped_bits_end_in_one_line_or_in_the_rows(path: Path) -> None:
    content = path.read_bytes()
    for place in range(0, len(content), 1999):
        path.write_bytes(content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :])
        for look in (lambda: list(health(str(path))), lambda: _read_all(path)):
            message = ""
            try:
                look()
            except StoreError as error:
                message = str(error)
            assert not message or message.startswith(f"{path}: ")
            assert "\n" not in message


def _read_all(path: Path) -> None:
    with History.open(str(path)) as history:
        for conversation in history.list_conversations():
            history.show(conversation.id)


def test_rows_of_strangers_are_refused_in_one_line(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other, other:
        other.execute(
            "INSERT INTO reply (turn_id, text, token_ids, complete, created_at) VALUES (1, 5, '[1, {}]', 1, 'noon')"
        )
    with History.open(str(path)) as history, one_line(path, "is damaged"):
        history.show(1)


def test_the_check_finds_a_reference_that_leads_nowhere(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("INSERT INTO turn (conversation_id, text, created_at) VALUES (99, 'stray', 0)")
    with one_line(path, "is damaged: row 2 of turn refers to a missing row of conversation"):
        list(health(str(path)))


def test_the_check_makes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "none.db"
    assert list(health(str(path))) == [f"{path}: not made yet; the first conversation makes it"]
    assert not path.exists()
