"""Files and folders that are whole or not there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from chatbot.files import folder_atomically, remove_leftovers, sweep, write_atomically

DEAD = 2**22 + 1  # beyond the largest process id


def test_a_file_is_replaced_at_once(tmp_path: Path):
    file = tmp_path / "a.txt"
    write_atomically(file, b"one")
    write_atomically(file, b"two", mode=0o600)
    assert file.read_bytes() == b"two"
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("made", [os.mkfifo, os.mkdir])
def test_what_is_no_plain_file_is_not_replaced(tmp_path: Path, made: Callable[[Path], None]):
    made(tmp_path / "a")
    before = (tmp_path / "a").stat().st_mode
    with pytest.raises(OSError, match="no plain file") as caught:
        write_atomically(tmp_path / "a", b"one")
    assert caught.value.filename == str(tmp_path / "a")
    assert (tmp_path / "a").stat().st_mode == before
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_folder_that_is_not_there_is_told_of_by_the_name_of_the_file(tmp_path: Path):
    with pytest.raises(FileNotFoundError) as caught:
        write_atomically(tmp_path / "none" / "a", b"one")
    assert caught.value.filename == str(tmp_path / "none" / "a")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
def test_a_full_disk_is_told_of_by_the_name_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    opened = os.open
    monkeypatch.setattr(
        os, "open", lambda path, *more: opened("/dev/full" if str(path).endswith(".tmp") else path, *more)
    )
    with pytest.raises(OSError, match="No space left on device") as raised:
        write_atomically(tmp_path / "config.toml", b"words")
    assert raised.value.filename == str(tmp_path / "config.toml")


def test_an_error_leaves_the_old_folder(tmp_path: Path):
    target = tmp_path / "model"
    with folder_atomically(target) as folder:
        (folder / "a").write_text("old")

    def fail() -> None:
        with folder_atomically(target) as folder:
            (folder / "a").write_text("new")
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        fail()
    assert (target / "a").read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_leftovers_of_the_dead_go_and_those_of_the_living_stay(tmp_path: Path):
    for process in (DEAD, os.getpid()):
        (tmp_path / f".model.{process}.tmp").mkdir()
    (tmp_path / f".other.{DEAD}.tmp").write_text("x")
    (tmp_path / ".mine.tmp").write_text("not ours")
    remove_leftovers(tmp_path / "model")
    assert {p.name for p in tmp_path.iterdir()} == {f".model.{os.getpid()}.tmp", f".other.{DEAD}.tmp", ".mine.tmp"}
    sweep(tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == {f".model.{os.getpid()}.tmp", ".mine.tmp"}


def test_a_folder_killed_between_its_two_renames_comes_back(tmp_path: Path):
    aside = tmp_path / f".model.{DEAD}.old.tmp"
    aside.mkdir()
    (aside / "a").write_text("old")
    remove_leftovers(tmp_path / "model")
    assert (tmp_path / "model" / "a").read_text() == "old"


KILLED = """
import sys
from collections.abc import Callable
from pathlib import Path
from chatbot.files import folder_atomically
target = Path(sys.argv[1])
for number in range(100_000):
    with folder_atomically(target) as folder:
        (folder / "a").write_text(str(number))
        (folder / "b").write_text(str(number))
    if number == 0:
        print("go", flush=True)
"""


def test_kill_at_any_moment_leaves_a_whole_folder(tmp_path: Path):
    target = tmp_path / "model"
    for delay in range(6):
        child = subprocess.Popen([sys.executable, "-c", KILLED, str(target)], stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            child.wait(0.02 + 0.011 * delay)
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        remove_leftovers(target)
        assert target.is_dir()
        assert (target / "a").read_text() == (target / "b").read_text() != ""
        assert list(tmp_path.iterdir()) == [target]
