"""A damaged database: the check says so and says the way out, and the way out works."""

from __future__ import annotations

import re
import shlex
import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from chatbot.cli.main import main
from chatbot.errors import StoreError
from chatbot.home import home
from chatbot.store import sqlite
from chatbot.store.health import health
from chatbot.store.history import History
from chatbot.store.restoring import restore


@pytest.fixture
def path() -> Path:
    """The user's own history, with one conversation, and a backup of before the second."""
    path = home() / "history.db"
    with History.open() as history:
        history.start_conversation("in the backup")
    sqlite.back_up(path, "0001")
    with History.open() as history:
        history.start_conversation("since then")
    return path


def titles(path: Path | None = None) -> list[str]:
    with History.open(str(path) if path else None) as history:
        return [one.title for one in history.list_conversations()]


def no_header(content: bytes) -> bytes:
    return bytes(100) + content[100:]


def half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def flipped(content: bytes) -> bytes:
    place = content.index(b"since then") - 40  # the head of a page, or what tells its cells apart, comes before
    return content[: place - place % 4096] + bytes(b ^ 0xFF for b in content[place - place % 4096 :])


@pytest.mark.parametrize("damage", [no_header, half, flipped])
def test_the_way_out_that_is_said_works(
    path: Path, damage: Callable[[bytes], bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    damaged = damage(path.read_bytes())
    path.write_bytes(damaged)
    assert main(["history", "list"]) in (0, 1)  # what is listed may be whole
    capsys.readouterr()
    assert main(["db", "check"]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"chatbot: {path}: is ")
    assert "damaged" in error
    assert error.count("\n") == 1
    said = re.search(r"chatbot (db restore \S+)", error)
    assert said
    assert main(shlex.split(said[1].rstrip(","))) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0] == f"{path}: restored from {path}.backup-0001"
    aside = Path(out[1].removeprefix("what was there is now "))
    assert aside.read_bytes() == damaged
    assert titles() == ["in the backup"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(health())[-1] == "ok"


def test_a_restored_database_goes_elsewhere_too(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "new" / "other.db"
    assert restore(Path(f"{path}.backup-0001"), str(other)) == []
    assert titles(other) == ["in the backup"]
    assert sorted(file.name for file in other.parent.iterdir() if file.stat().st_size) == ["other.db"]
    assert stat.S_IMODE(other.parent.stat().st_mode) == 0o700


def test_the_journal_of_the_old_database_is_not_taken_for_the_new_ones(path: Path) -> None:
    journal = path.with_name("history.db-wal")
    journal.write_bytes(b"of another time")
    path.write_bytes(b"damaged, and no database at all")
    moved = restore(Path(f"{path}.backup-0001"))
    (aside,) = [file for file in moved if file.name.endswith("-wal")]
    assert aside.read_bytes() == b"of another time"
    assert not journal.exists()
    assert titles() == ["in the backup"]


@pytest.mark.parametrize(
    ("backup", "line"),
    [
        ("missing", "is no file; name a backup"),
        ("letter", "is not an SQLite database"),
        ("half", "is damaged"),
        ("newer", "is at revision 9999, this version knows up to"),
        ("foreign", "is a database of another program"),
        ("empty", "holds no conversations"),
        ("history.db", "is the database itself"),
    ],
)
def test_what_is_no_backup_replaces_nothing(path: Path, backup: str, line: str) -> None:
    file, before = path.with_name(backup), path.read_bytes()
    if backup == "letter":
        file.write_text("Dear all,\n" * 1000)
    elif backup == "half":
        file.write_bytes(half(before))
    elif backup == "empty":
        file.touch()
    elif backup == "newer":
        shutil.copy(path, file)
        with closing(sqlite3.connect(file)) as other, other:
            other.execute("UPDATE alembic_version SET version_num = '9999'")
    elif backup == "foreign":
        with closing(sqlite3.connect(file)) as other, other:
            other.execute("CREATE TABLE bookmarks (id INTEGER)")
    with pytest.raises(StoreError) as caught:
        restore(file)
    assert str(caught.value).startswith(f"{file}: ")
    assert line in str(caught.value)
    assert path.read_bytes() == before
    assert titles() == ["since then", "in the backup"]


def test_a_database_in_use_is_not_replaced(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT", 10)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="is used by another process; end that one first"):
            restore(Path(f"{path}.backup-0001"))
    assert titles() == ["since then", "in the backup"]
    assert not list(path.parent.glob(".*.tmp"))


def test_a_folder_that_is_none(path: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(StoreError, match="cannot be restored"):
        restore(Path(f"{path}.backup-0001"), str(tmp_path / "file" / "history.db"))
    with pytest.raises(StoreError, match="restore it with the server's own tool"):
        restore(path, "postgresql://me@host/db")


@pytest.mark.parametrize("index", ["turn_words", "conversation_words"])
def test_a_damaged_index_is_told_from_damaged_conversations(path: Path, index: str) -> None:
    with closing(sqlite3.connect(path)) as other, other:
        other.execute(f"UPDATE {index}_data SET block = zeroblob(length(block)) WHERE id > 1")
    with pytest.raises(StoreError, match=f"the index {index} is damaged, the conversations are not; write them with"):
        list(health())


def test_an_index_that_lacks_a_word_is_found(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("INSERT INTO turn_words(turn_words) VALUES ('delete-all')")
    with pytest.raises(StoreError, match="the index turn_words is damaged"):
        list(health())


def test_what_others_can_read_is_told(path: Path) -> None:
    files = (path, path.with_name("history.db.backup-0001"))
    assert not [line for line in health() if "others can read" in line]
    for file in files:
        file.chmod(0o640)
    path.parent.chmod(0o755)
    told = [line for line in health() if "others can read" in line]
    assert told[0] == f"others can read it (mode 0755); keep it to yourself with: chmod 700 {path.parent}"
    assert [line.rpartition(" ")[2] for line in told[1:]] == [str(file) for file in files]
