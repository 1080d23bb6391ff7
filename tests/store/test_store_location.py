"""The name of a database -> where it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatbot.home import home
from chatbot.store.location import locate


def test_the_users_own_history_is_the_default() -> None:
    assert locate().path == home() / "history.db"


def test_the_environment_names_another(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHATBOT_DATABASE", str(tmp_path / "other.db"))
    assert locate().path == tmp_path / "other.db"


@pytest.mark.parametrize(
    ("named", "path"),
    [
        ("sqlite:////a/b.db", "/a/b.db"),
        ("sqlite+pysqlite:////a/b.db", "/a/b.db"),
        ("/a/b?c.db", "/a/b?c.db"),
        ("sqlite://", None),
        ("sqlite:///:memory:", None),
        ("postgresql://me:secret@host/db", None),
    ],
)
def test_urls_and_paths(named: str, path: str | None) -> None:
    assert locate(named).path == (Path(path) if path else None)


def test_relative_paths_begin_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert locate("a.db").path == locate("sqlite:///a.db").path == tmp_path / "a.db"


def test_a_password_is_not_shown() -> None:
    assert locate("postgresql://me:se:cr/et@host/db").shown == "postgresql://me:***@host/db"
    assert locate("postgresql://me@host/db").shown == "postgresql://me@host/db"
    assert locate("postgresql:///db?password=se&host=/tmp").shown == "postgresql:///db?password=***&host=/tmp"
