"""What goes wrong outside the program: one line on stderr, the right exit code, and what was kept is still there."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from whole_commands import COMMAND, Chatbot, Ending

# A superuser without the rights to override permissions is refused like anyone else.
NO_OVERRIDE = "import ctypes\nfor right in (1, 2): ctypes.CDLL(None).prctl(24, right, 0, 0, 0)"


def texts(home: Path) -> list[str]:
    """The texts of all turns in a sound history, read past the program."""
    with contextlib.closing(sqlite3.connect(home / "history.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return [text for (text,) in connection.execute("SELECT text FROM turn ORDER BY id")]


@pytest.fixture
def home(chatbot: Chatbot) -> Path:
    """A home with a conversation of one turn."""
    assert chatbot.run(typed="kept before\n").code == 0
    assert texts(chatbot.home) == ["kept before"]
    return chatbot.home


@contextlib.contextmanager
def unwritable(*paths: Path) -> Iterator[None]:
    """Take the right to write away for a while."""
    modes = {path: path.stat().st_mode for path in paths}
    try:
        for path in paths:
            path.chmod(modes[path] & 0o555)
        yield
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["talk"], ["unknown command 'talk'"]),
        (["reply"], ["TEXT"]),
        (["reply", "hello", "--beams", "2"], ["--beams"]),
        (["reply", "hello", "--beam-size", "0"], ["from 1 to 100", "received 0"]),
        (["reply", "hello", "--top-p", "nan"], ["from 0.0 to 1.0", "nan"]),
        (["reply", "hello", "--model", "nobody"], ["nobody"]),
        (["history", "show", "one"], ["'one'"]),
        (["history", "sho", "1"], ["'sho'", "show"]),
    ],
    ids=" ".join,
)
def test_wrong_usage(chatbot: Chatbot, arguments: list[str], words: list[str]) -> None:
    chatbot.run(*arguments).failed(2, *words)


def test_a_conversation_that_does_not_exist(chatbot: Chatbot, home: Path) -> None:
    chatbot.run("history", "show", "99").failed(1, "no conversation 99")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[chat]\nmodle = 'x'\n", ["config.toml:2", "'modle'", "'model'"]),
        ("[decoding]\nbeam_size = 0\n", ["config.toml:2", "beam_size", "1 to 100"]),
        ("[decoding\n", ["config.toml", "TOML"]),
    ],
)
def test_a_wrong_setting_in_config_toml(chatbot: Chatbot, home: Path, content: str, words: list[str]) -> None:
    (home / "config.toml").write_text(content)
    chatbot.run("reply", "hello").failed(2, *words)
    assert texts(home) == ["kept before"]


def test_a_home_that_cannot_be_made(chatbot: Chatbot) -> None:
    (chatbot.folder / "file").write_text("")
    blocked = chatbot.folder / "file" / "home"
    chatbot.run(typed="hello\n", CHATBOT_HOME=str(blocked)).failed(2, str(blocked), "CHATBOT_HOME")


def test_a_home_that_cannot_be_written(chatbot: Chatbot) -> None:
    chatbot.home.mkdir()
    with unwritable(chatbot.home):
        chatbot.run(typed="hello\n", before=NO_OVERRIDE).failed(1, str(chatbot.home))


def test_a_history_that_cannot_be_written(chatbot: Chatbot, home: Path) -> None:
    with unwritable(home / "history.db", home):
        chatbot.run(typed="hello\n", before=NO_OVERRIDE).failed(1, "history.db", "writ")
    assert texts(home) == ["kept before"]


def test_talking_without_history_needs_no_writing(chatbot: Chatbot) -> None:
    chatbot.home.mkdir()
    with unwritable(chatbot.home):
        talked = chatbot.run("--no-history", typed="hello\n", before=NO_OVERRIDE)
    assert (talked.code, talked.err, len(talked.lines)) == (0, "", 1)
    assert list(chatbot.home.iterdir()) == []


def test_a_history_that_may_not_grow(chatbot: Chatbot, home: Path) -> None:
    """As on a full disk: what was shown is kept, what could not be kept is not answered."""
    size = (home / "history.db").stat().st_size
    limit = f"import resource, signal\nresource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))"
    lines = [f"{number} {'very long line ' * 200}".strip() for number in range(10)]
    talked = chatbot.run(typed="\n".join(lines), before=limit)
    talked.failed(1, "history.db", "disk")
    kept = texts(home)
    assert kept[0] == "kept before"
    assert len(talked.lines) <= len(kept[1:]) <= len(talked.lines) + 1
    assert kept[1:] == lines[: len(kept) - 1]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own that holds 1 MB; only a superuser can make one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", str(disk)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_disk_that_is_full(chatbot: Chatbot, small_disk: Path) -> None:
    home = small_disk / "home"
    assert chatbot.run(typed="kept before\n", CHATBOT_HOME=str(home)).code == 0
    with contextlib.suppress(OSError):
        (small_disk / "ballast").write_bytes(b"x" * 2**21)
    lines = [f"{number} {'very long line ' * 200}".strip() for number in range(50)]
    talked = chatbot.run(typed="\n".join(lines), CHATBOT_HOME=str(home))
    talked.failed(1, "history.db", "disk")
    kept = texts(home)
    assert kept == ["kept before", *lines[: len(kept) - 1]]
    assert len(talked.lines) <= len(kept[1:])


def test_output_that_cannot_be_written(chatbot: Chatbot, home: Path) -> None:
    for arguments in (("history", "list"), ("reply", "hello"), ("--help",)):
        with Path("/dev/full").open("w") as full, chatbot.start(*arguments, stdout=full.fileno()) as process:
            _, err = process.communicate()
        Ending(process.returncode, "", err.decode()).failed(1, "No space left on device")


def test_a_pipe_that_closes_ends_in_silence(chatbot: Chatbot) -> None:
    with chatbot.start() as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(b"one\n")
        process.stdin.flush()
        assert process.stdout.readline()
        process.stdout.close()
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(b"two\n" * 50)
            process.stdin.close()
        process.wait(timeout=60)
        assert process.stderr
        assert (process.returncode, process.stderr.read()) == (141, b"")
        process.stdin = None
    assert texts(chatbot.home)[:2] == ["one", "two"]


def test_a_history_that_another_process_holds_for_good(chatbot: Chatbot, home: Path) -> None:
    with contextlib.closing(sqlite3.connect(home / "history.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        impatient = "from chatbot.store import sqlite\nsqlite.BUSY_TIMEOUT = 200"
        chatbot.run(typed="hello\n", inside=impatient).failed(1, "history.db", "locked by another process")
        other.execute("ROLLBACK")
    assert chatbot.run(typed="again\n").code == 0
    assert texts(home)[-1] == "again"


def test_a_history_that_another_process_holds_for_a_moment_is_waited_for(chatbot: Chatbot, home: Path) -> None:
    other = sqlite3.connect(home / "history.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(1.0, other.execute, ("COMMIT",))
    release.start()
    talked = chatbot.run(typed="hello\n")
    release.join()
    other.close()
    assert (talked.code, talked.err) == (0, "")
    assert texts(home) == ["kept before", "hello"]


def test_two_people_talk_at_once(chatbot: Chatbot, home: Path) -> None:
    with chatbot.start() as first, chatbot.start() as second:
        for process, name in ((first, b"a"), (second, b"b")):
            assert process.stdin
            process.stdin.write(b"".join(name + b" %d\n" % number for number in range(20)))
            process.stdin.close()
            process.stdin = None
        assert [process.wait(timeout=120) for process in (first, second)] == [0, 0]
    kept = texts(home)
    assert [text for text in kept if text.startswith("a")] == [f"a {number}" for number in range(20)]
    assert [text for text in kept if text.startswith("b")] == [f"b {number}" for number in range(20)]


@pytest.mark.parametrize("content", [b"", b"no database at all\n" * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_history_that_is_no_database(chatbot: Chatbot, content: bytes) -> None:
    chatbot.home.mkdir()
    file = chatbot.home / "history.db"
    file.write_bytes(content)
    if not content:  # as a crash before the first commit leaves it
        assert chatbot.run(typed="hello\n").code == 0
        return
    chatbot.run(typed="hello\n").failed(1, "history.db")
    assert file.read_bytes() == content


def test_a_history_of_a_newer_version(chatbot: Chatbot, home: Path) -> None:
    with contextlib.closing(sqlite3.connect(home / "history.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    chatbot.run(typed="hello\n").failed(1, "history.db", "9999")
    chatbot.run("history", "list").failed(1, "history.db", "9999")
    assert texts(home) == ["kept before"]


def test_no_streams_at_all(chatbot: Chatbot) -> None:
    """As a service manager may start it: standard input, output and errors closed."""
    code = "import os, sys\nfor n in (0, 1, 2): os.close(n)\nos.execv(sys.argv[1], sys.argv[1:])"
    ended = subprocess.run(
        [sys.executable, "-c", code, *COMMAND], cwd=chatbot.folder, env=chatbot.environment, timeout=60, check=False
    )
    assert ended.returncode in {0, 1, 2}
