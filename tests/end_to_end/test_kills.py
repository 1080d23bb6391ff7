"""kill -9 at many moments: what was shown is kept, what is on disk is whole, and the next start works."""

from __future__ import annotations

import contextlib
import hashlib
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest
from whole_commands import Chatbot

SAMPLE = Path(__file__).resolve().parents[2] / "corpora" / "sample"
LINES = [f"line {number}, and what do you say to it?" for number in range(400)]


def kept(home: Path) -> list[tuple[str, str | None]]:
    """Texts and replies of a sound history, in order."""
    with contextlib.closing(sqlite3.connect(home / "history.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        query = "SELECT turn.text, reply.text FROM turn LEFT JOIN reply ON reply.turn_id = turn.id ORDER BY turn.id"
        return list(connection.execute(query))


@pytest.mark.parametrize("shown", [1, 4, 30])
def test_a_chat_killed_after_some_replies(chatbot: Chatbot, shown: int) -> None:
    with chatbot.start() as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write("".join(f"{line}\n" for line in LINES).encode())
        process.stdin.flush()
        replies = [process.stdout.readline() for _ in range(shown)]
        process.kill()
        replies += [line for line in process.stdout.read().splitlines(keepends=True) if line.endswith(b"\n")]
        process.stdin.close()
        process.stdin = None
    found = kept(chatbot.home)
    assert [text for text, _ in found] == LINES[: len(found)]
    assert [f"{reply}\n".encode() for _, reply in found[: len(replies)]] == replies
    assert all(reply is not None for _, reply in found[:-1])
    assert len(found) - len(replies) <= 2
    assert chatbot.run(typed="still there?\n").code == 0
    assert kept(chatbot.home)[: len(found)] == found


def test_ctrl_c_ends_a_piped_chat_with_130_and_keeps_it(chatbot: Chatbot) -> None:
    with chatbot.start() as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(b"hello\n")
        process.stdin.flush()
        assert process.stdout.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, b"", b"")
    assert [text for text, _ in kept(chatbot.home)] == ["hello"]


@pytest.mark.parametrize("seconds", [0.15, 0.3, 0.6])
def test_a_first_start_killed(chatbot: Chatbot, seconds: float) -> None:
    """While the home, the database and its tables are being made."""
    with chatbot.start("reply", "hello") as process:
        time.sleep(seconds)
        process.kill()
    assert chatbot.run(typed="hello\n").code == 0
    checked = chatbot.run("db", "check")
    assert (checked.code, checked.err) == (0, "")
    assert [text for text, _ in kept(chatbot.home)][-1] == "hello"


def content(folder: Path) -> dict[str, str]:
    """Digest of each file of a dataset; its description must be JSON, but may tell the time."""
    files = sorted(file for file in folder.iterdir() if file.suffix != ".json")
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def test_prepare_killed_leaves_no_half_dataset(chatbot: Chatbot) -> None:
    command = ("prepare", str(SAMPLE), "--output")
    began = time.monotonic()
    assert chatbot.run(*command, "whole").code == 0
    seconds = time.monotonic() - began
    whole = content(chatbot.folder / "whole")
    for step in range(1, 9):
        with chatbot.start(*command, "killed") as process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=seconds * step / 8)
            process.kill()
        if (chatbot.folder / "killed").exists():
            break
    else:
        assert chatbot.run(*command, "killed").code == 0
    assert content(chatbot.folder / "killed") == whole
    assert [path.name for path in chatbot.folder.glob(".*")] == []
