"""`chatbot replay --watch` in a pseudo-terminal: it plays, pauses, steps and leaves; the terminal is left as it was."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from chatbot.cli.replay_watch import PAUSED, Keys, _Player
from chatbot.dialogue.dialogue import Dialogue
from chatbot.dialogue.model import Model
from chatbot.home import home
from chatbot.replay.watching import Moment
from chatbot.store.history import History
from chatbot.store.recorded import RecordedDialogue

pexpect = pytest.importorskip("pexpect")
if os.name != "posix":
    pytest.skip("needs a pseudo-terminal", allow_module_level=True)

PATIENCE = 60
LINES = ("Good morning.\x1b[2J", "Some tea?", "Where is the dog?")
# A shell with job control: runs the command in the foreground, tells when it stops, and how it left the terminal.
SHELL = """
import os, signal, subprocess, sys
state = lambda: subprocess.run(["stty", "-g"], capture_output=True, text=True).stdout.strip()
before = state()
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
def foreground():
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpid())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
child = subprocess.Popen([sys.executable, "-m", "chatbot", "replay", "1", "--watch", *sys.argv[1:]],
                         preexec_fn=foreground)
print("pid", child.pid, flush=True)
while os.WIFSTOPPED(status := os.waitpid(child.pid, os.WUNTRACED)[1]):
    print("stopped, restored", before == state(), flush=True)
os.tcsetpgrp(0, os.getpgrp())
print("restored", before == state(), "code", os.waitstatus_to_exitcode(status), flush=True)
"""


@pytest.fixture(scope="module")
def kept(tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with a conversation."""
    path = tmp_path_factory.mktemp("kept") / "history.db"
    with History.open(str(path)) as history:
        dialogue = RecordedDialogue(Dialogue(Model.load(str(tiny_bundle))), history)
        for line in LINES:
            dialogue.reply(line)
    return path


@pytest.fixture
def watching(kept: Path) -> Iterator[Any]:
    """Starts watching with options; the pseudo-terminal."""
    children = []
    shutil.copy(kept, home() / "history.db")

    def start(*options: str) -> Any:
        child = pexpect.spawn(sys.executable, ["-c", SHELL, *options], encoding="utf-8", timeout=PATIENCE)
        child.delaybeforesend = None
        children.append(child)
        return child

    yield start
    for child in children:
        child.close(force=True)


class Typed:
    """Keys that were typed, one each time one is waited for; "" where time passed instead."""

    def __init__(self, *keys: str) -> None:
        self.keys = list(keys)

    def next(self, seconds: float | None) -> str:
        return self.keys.pop(0)


def test_a_line_goes_on_whole_after_a_pause_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    player = _Player(cast("Keys", Typed("", "", " ", "n")), 1.0)
    assert player.show(Moment(("you: ", "Some ", "tea?"), 0.0))
    shown = capsys.readouterr()
    assert shown.out == "you: Some you: Some tea?\n"  # the notice, on a line of its own, parts the two
    assert shown.err == f"\n{PAUSED}\n"


def test_it_plays_to_the_end_and_prints_nothing_raw(watching: Any) -> None:
    child = watching("--speed", "1000")
    child.expect_exact("restored True code 0")
    said = child.before
    assert "\x1b" not in said
    assert "you: Good morning.\\x1b[2J\r\n" in said
    assert "\r\nyou: Where is the dog?\r\nbot: " in said
    assert said.index("Some tea?") < said.index("Where is the dog?")


def test_it_pauses_steps_and_leaves(watching: Any) -> None:
    child = watching("--speed", "0.01")  # every turn takes 40 s at least: nothing but keys moves it on
    child.expect_exact("space pauses")
    child.send("n")
    child.expect_exact("\\x1b[2J\r\n")
    child.send(" ")
    child.expect_exact("-- paused")
    child.send("\r")
    child.expect_exact("bot: ")
    child.send("n")
    child.expect_exact("you: Some tea?")
    child.send(" ")
    child.send("q")
    child.expect_exact("restored True code 0")
    assert "Where is the dog?" not in child.before


def test_the_end_of_input_leaves(watching: Any) -> None:
    child = watching("--speed", "0.01")
    child.expect_exact("space pauses")
    child.send("\x04")
    child.expect_exact("restored True code 0")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_leaves_the_terminal_as_it_was(watching: Any, number: signal.Signals, code: int) -> None:
    child = watching("--speed", "0.01")
    child.expect(r"pid (\d+)")
    process = int(child.match[1])
    child.expect_exact("conversation 1")
    os.kill(process, number)
    child.expect_exact(f"restored True code {code}")


def test_suspended_it_gives_the_terminal_back_and_goes_on(watching: Any) -> None:
    child = watching("--speed", "0.01")
    child.expect(r"pid (\d+)")
    process = int(child.match[1])
    child.expect_exact("conversation 1")
    os.kill(process, signal.SIGTSTP)
    child.expect_exact("stopped, restored True")
    os.kill(process, signal.SIGCONT)
    child.send("n")
    child.expect_exact("you: Good morning.")
    child.send("q")
    child.expect_exact("restored True code 0")
