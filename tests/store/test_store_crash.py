"""Killed at any moment, with others writing: all that was acknowledged is there, and the file is whole."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from chatbot.store.health import health
from chatbot.store.history import History

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")

TALK = """
import os, sys
from types import SimpleNamespace
sys.modules["chatbot.dialogue.dialogue"] = SimpleNamespace(Dialogue=object, Turn=tuple)  # no NumPy: quicker
sys.modules["chatbot.dialogue.model"] = SimpleNamespace(Model=object)
from chatbot.bundle.config import BundleConfig, NetworkSettings
from chatbot.data.context import ContextSettings
from chatbot.dialogue.reply import Reply
from chatbot.settings import DecodingSettings
from chatbot.store.history import History
from chatbot.store.recorded import RecordedDialogue

CONFIG = BundleConfig("light", "dialogue", NetworkSettings(), ContextSettings(), "word", "w.txt", "float32")

class Light:
    "As much of a dialogue as is recorded, without a network."
    turns = ()
    model = SimpleNamespace(name="light", fingerprint="0" * 64, config=CONFIG)

    def reply(self, text, stop=None, hear=None):
        print("asked", text, flush=True)  # the turn must be kept by now
        self.turns = (*self.turns, text)
        words, settings = "re " + text, DecodingSettings(seed=1)
        return Reply(words, (7,), ("re",), (-1.0,), -1.0, (), settings, 1, "0" * 64, "light", (), 0.0)

def talk(path, report, name, count):
    with open(report, "w") as sys.stdout, History.open(path) as history:
        dialogue = RecordedDialogue(Light(), history)
        for number in range(count):
            print("answered", dialogue.reply(f"{name} {number}").text[3:], flush=True)

path, folder, lot, children, count = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])
pids = []
for child in range(children):
    pids.append(os.fork())
    if pids[-1] == 0:
        try:
            talk(path, f"{folder}/{lot}-{child}.txt", f"{lot}-{child}", count)
        except BaseException as error:
            os.write(2, repr(error).encode())
            os._exit(1)
        os._exit(0)
print(*pids, flush=True)
sys.exit(any([os.wait()[1] for _ in pids]))
"""


def talkers(database: str, folder: Path, lot: int, children: int, count: int) -> subprocess.Popen[str]:
    """Processes that talk `count` turns each at once, and report in files in a folder; prints their numbers."""
    run = [sys.executable, "-c", TALK, database, str(folder), *map(str, (lot, children, count))]
    return subprocess.Popen(run, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def reported(path: Path, word: str) -> set[str]:
    """What followed `word` in the reports; a line that was cut acknowledges nothing."""
    lines = [line for file in path.parent.glob("*.txt") for line in file.read_text().split("\n")[:-1]]
    return {line.partition(" ")[2] for line in lines if line.startswith(word)}


def turns_and_answered(path: Path) -> tuple[set[str], set[str]]:
    """What was said and what was answered, as kept."""
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        turns = {row[0] for row in connection.execute("SELECT text FROM turn")}
        return turns, {row[0][3:] for row in connection.execute("SELECT text FROM reply")}


def test_killed_while_talking_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    path, draw = tmp_path / "history.db", random.Random(3)
    History.open(str(path)).close()
    for lot in range(5):
        with talkers(str(path), tmp_path, lot, children=4, count=100_000) as parent:
            assert parent.stdout is not None
            for child, number in enumerate(parent.stdout.readline().split()):
                report = tmp_path / f"{lot}-{child}.txt"
                while parent.poll() is None and not (report.exists() and report.stat().st_size):
                    time.sleep(0.002)
                time.sleep(draw.uniform(0, 0.05))
                os.kill(int(number), signal.SIGKILL)
            assert parent.communicate()[1] == ""  # all were killed while talking, none failed
        kept, answered = turns_and_answered(path)
        assert reported(path, "asked") <= kept
        assert reported(path, "answered") <= answered
    assert len(reported(path, "asked")) >= 20
    with History.open(str(path)) as history:
        assert len(history.list_conversations()) >= 20


def test_ten_processes_that_talk_at_once_lose_nothing(new_database: str, tmp_path: Path) -> None:
    with talkers(new_database, tmp_path, 0, children=10, count=8) as parent:  # whoever comes first makes the tables
        assert parent.communicate()[1] == ""
    expected = {f"0-{child} {number}" for child in range(10) for number in range(8)}
    with History.open(new_database) as history:
        whole = [history.show(number) for number in history.numbers()]
    assert len(whole) == 10
    assert {step.turn.text for one in whole for step in one.path} == expected
    assert {step.reply and step.reply.text for one in whole for step in one.path} == {f"re {one}" for one in expected}
    assert list(health(new_database))[-1] == "ok"
