"""`chatbot db`: where the database is, and whether it is well."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from chatbot.cli.main import main
from chatbot.home import home
from chatbot.store import history as history_module
from chatbot.store.history import History
from chatbot.store.schema import HEAD

Capture = pytest.CaptureFixture[str]


def run(capsys: Capture, *words: str, code: int = 0) -> tuple[str, str]:
    assert main(("db", *words)) == code
    captured = capsys.readouterr()
    return captured.out, captured.err


def test_path_makes_no_database(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(capsys, "path") == (f"{home() / 'history.db'}\n", "")
    assert not (home() / "history.db").exists()
    monkeypatch.setenv("CHATBOT_DATABASE", "postgresql://me:secret@host/db")
    assert run(capsys, "path")[0] == "postgresql://me:***@host/db\n"


def test_upgrade_makes_it_once(capsys: Capture) -> None:
    shown = home() / "history.db"
    assert run(capsys, "upgrade")[0] == f"{shown}: made at revision {HEAD}\n"
    assert run(capsys, "upgrade")[0] == f"{shown}: at revision {HEAD}, nothing to do\n"


def test_upgrade_tells_from_where(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_module, "bring_up_to_date", lambda engine, location: "0000")
    assert run(capsys, "upgrade")[0] == f"{home() / 'history.db'}: upgraded from revision 0000 to {HEAD}\n"


def test_check_before_and_after(capsys: Capture) -> None:
    assert "not made yet" in run(capsys, "check")[0]
    with History.open() as history:
        history.start_conversation("hello")
    first, *_, counts, last = run(capsys, "check")[0].splitlines()
    assert (first, counts, last) == (f"{home() / 'history.db'}: revision {HEAD}", "1 conversations, 1 turns", "ok")


def test_check_fails_in_one_line_where_there_is_damage(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "history.db"
    History.open(str(path)).close()
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("INSERT INTO turn (conversation_id, text, created_at) VALUES (99, 'stray', 0)")
    err = run(capsys, "check", "--database", str(path), code=1)[1]
    assert err.startswith(f"chatbot: {path}: is damaged: row 1 of turn refers to a missing row of conversation")
    assert err.count("\n") == 1


@pytest.mark.parametrize("command", ["upgrade", "check"])
def test_what_is_no_database(command: str, tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear all,\n" * 100)
    err = run(capsys, command, "--database", str(path), code=1)[1]
    assert err.startswith(f"chatbot: {path}: is not an SQLite database")
    assert path.read_text() == "Dear all,\n" * 100
