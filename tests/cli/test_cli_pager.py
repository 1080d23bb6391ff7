"""Long output on a terminal goes through the pager; anything else is just printed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chatbot.cli import pager
from chatbot.store.history import History

pexpect = pytest.importorskip("pexpect")

PATIENCE = 60  # seconds


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "history.db"
    with History.open(str(path)) as history:
        history.start_conversation("\n".join(f"line {number}" for number in range(300)))
        history.start_conversation("short")
    return path


def shown(path: Path, *words: str, **environment: str) -> str:
    """What a terminal of 24 lines shows."""
    command = ["-m", "chatbot", "history", *words, "--database", str(path)]
    child = pexpect.spawn(
        sys.executable,
        command,
        env={**os.environ, "TERM": "xterm", **environment},
        dimensions=(24, 80),
        timeout=PATIENCE,
        encoding="utf-8",
    )
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    text: str = child.before
    return text


def test_what_is_long_goes_through_the_pager_named(path: Path, tmp_path: Path) -> None:
    paged = tmp_path / "paged"
    script = tmp_path / "my pager"
    script.write_text(f'#!/bin/sh\necho "paged with $1"\ncat > {paged}\n')
    script.chmod(0o700)
    named = f"'{script}' option"
    assert shown(path, "show", "1", PAGER=named).splitlines() == ["paged with option"]
    lines = paged.read_text().splitlines()
    assert (len(lines), lines[-2]) == (302, "     line 299")
    assert "paged" not in shown(path, "show", "2", PAGER=named)
    assert "paged" not in shown(path, "list", PAGER=named)
    assert "line 299" in shown(path, "show", "1", "--no-pager", PAGER=named)
    assert "line 299" in shown(path, "show", "1", PAGER="")
    assert "line 299" in shown(path, "show", "1", PAGER="cat")


def test_a_pager_that_is_left_or_is_not_there(path: Path) -> None:
    assert shown(path, "show", "1", PAGER="head -n 1").count("\n") == 1
    assert shown(path, "show", "1", PAGER="true") == ""
    out = shown(path, "show", "1", PAGER="/no/such/pager")
    assert "chatbot: cannot run the pager '/no/such/pager' (No such file or directory); printed without" in out
    assert "line 299" in out


def test_hits_are_coloured_on_a_terminal_alone(path: Path) -> None:
    assert "you: \x1b[1;33mshort\x1b[0m" in shown(path, "search", "short")
    assert "you: [short]" in shown(path, "search", "short", NO_COLOR="1")


def test_a_pipe_gets_lines_and_no_pager(path: Path) -> None:
    run = [sys.executable, "-m", "chatbot", "history", "show", "1", "--database", str(path)]
    result = subprocess.run(run, capture_output=True, text=True, check=True, env={**os.environ, "PAGER": "false"})
    assert len(result.stdout.splitlines()) == 302


def test_the_pager_is_the_one_named_or_the_usual(monkeypatch: pytest.MonkeyPatch) -> None:
    for named, command in (("less -R", ["less", "-R"]), ("", None), ("cat", None), ("it's", ["it's"]), (" ", None)):
        monkeypatch.setenv("PAGER", named)
        assert pager.pager_command() == command
    monkeypatch.delenv("PAGER")
    monkeypatch.setattr(pager.shutil, "which", {"more": "/bin/more"}.get)
    assert pager.pager_command() == ["/bin/more"]
    monkeypatch.setattr(pager.shutil, "which", {}.get)
    assert pager.pager_command() is None
