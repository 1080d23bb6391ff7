"""`chatbot` in a pseudo-terminal, as a shell runs it: keys, signals, resizing; the terminal is left as it was."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from emulator import PATIENCE, Terminal

from chatbot.home import config_path
from chatbot.store.history import History

pexpect = pytest.importorskip("pexpect")
pyte = pytest.importorskip("pyte")
if os.name != "posix":
    pytest.skip("needs a pseudo-terminal", allow_module_level=True)

# A shell: shows the terminal's settings, runs a command in the foreground, shows them again, and how it ended.
SHELL = """
import subprocess, sys
state = lambda: subprocess.run(["stty", "-g"], capture_output=True, text=True).stdout.strip()
print("before", state(), flush=True)
with subprocess.Popen([sys.executable, "-m", "chatbot", *sys.argv[1:]]) as child:
    print("pid", child.pid, flush=True)
    while True:
        try:
            code = child.wait()
            break
        except KeyboardInterrupt:
            pass
print("after", state(), "code", code, flush=True)
"""


class Shell:
    """A terminal in which a shell runs `chatbot`."""

    def __init__(self, *args: str, columns: int = 80, lines: int = 24, **environment: str) -> None:
        env = {**os.environ, "TERM": "xterm", "LC_ALL": "C.UTF-8", **environment}
        command = ["-c", SHELL, *args]
        self.child = pexpect.spawn(sys.executable, command, env=env, dimensions=(lines, columns), encoding="utf-8")
        self.child.delaybeforesend = None
        self.terminal = Terminal(columns, lines, self.child.send)
        self.stream = pyte.Stream(self.terminal)
        self.written = ""

    def read(self) -> None:
        """Pass on what was written meanwhile."""
        try:
            data = self.child.read_nonblocking(100_000, timeout=0.05)
        except pexpect.TIMEOUT:
            return
        except pexpect.EOF:
            time.sleep(0.01)
            return
        self.written += data
        self.stream.feed(data)

    @property
    def screen(self) -> str:
        return self.terminal.text + "\n" + self.terminal.toolbar

    def until(self, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"waited in vain at:\n{self.screen}"
            self.read()

    def sees(self, text: str) -> None:
        self.until(lambda: text in self.screen)

    def types(self, text: str) -> None:
        self.child.send(text)

    def is_ready(self) -> None:
        self.until(lambda: re.search(r"^ (tiny|toy) · beam", self.terminal.toolbar))

    def kill(self, number: int) -> None:
        os.kill(int(re.findall(r"pid (\d+)", self.written)[0]), number)

    def ended(self) -> int:
        """Wait for the command's end; its exit code, once the terminal is seen to be as before."""
        self.until(lambda: re.search(r"after \S+ code -?\d+", self.written))
        before = re.findall(r"^before (\S+)", self.written, re.MULTILINE)
        after, code = re.findall(r"after (\S+) code (-?\d+)", self.written)[0]
        assert [after] == before
        assert "\x1b[?2004h" not in self.written.rsplit("\x1b[?2004l", 1)[-1], "bracketed paste was left on"
        assert "\x1b[?25l" not in self.written.rsplit("\x1b[?25h", 1)[-1], "the cursor was left hidden"
        return int(code)


@pytest.fixture
def shell(tiny_bundle: Path) -> Iterator[Callable[..., Shell]]:
    shells = []

    def start(*args: str, **options: object) -> Shell:
        shells.append(Shell("--model", str(tiny_bundle), *args, **options))  # type: ignore[arg-type]
        return shells[-1]

    yield start
    for one in shells:
        one.child.close(force=True)


def test_a_talk_from_the_first_prompt_to_ctrl_d(shell: Callable[..., Shell]) -> None:
    here = shell()
    here.types("typed before the prompt was there\r")
    here.sees("bot> ")
    here.is_ready()
    here.types("unfinished\x03")
    here.sees("Ctrl-C again leaves")
    here.types("\x1b[200~two\nlines\x1b[201~")
    here.sees("you> two\n     lines")
    here.types("\r")
    here.until(lambda: here.screen.count("bot> ") == 2)
    here.sees("2 turns")
    here.types("\x04")
    assert here.ended() == 0
    assert here.screen.count("you> typed before the prompt was there") == 1


def test_resizing_leaves_no_garbage(shell: Callable[..., Shell]) -> None:
    here = shell(lines=40, TMUX="as in tmux")
    here.is_ready()
    here.types("hello\r")
    here.sees("1 turn")
    here.is_ready()
    here.types("some words to have on the line while it is resized")
    here.sees("resized")
    before = "".join(here.screen.split("you> some")[0].split())
    for columns, shown in (
        (40, "you> some words to have on the line whil\n     e it is resized\n tiny · beam 3 · "),
        (100, "you> some words to have on the line while it is resized\n tiny · beam 3 · conversation 1, 1 turn"),
        (30, "you> some words to have on the\n      line while it is resized\n tiny · beam 3"),
    ):
        here.terminal.resize(40, columns)
        here.child.setwinsize(40, columns)
        here.sees(shown)
        said, _, after = here.screen.partition("you> some")
        assert before.endswith("".join(said.split()))  # what stood at the top may have left the screen
        assert "you>hellobot>" in "".join(said.split())
        assert (after.count("tiny"), after.count("you>")) == (1, 0)
    here.types("\x03\x04")
    assert here.ended() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_in_order(shell: Callable[..., Shell], number: int) -> None:
    here = shell()
    here.is_ready()
    here.types("half a line")
    here.sees("half a line")
    here.kill(number)
    assert here.ended() == 128 + number


def test_what_was_said_survives_the_kill_of_the_program(shell: Callable[..., Shell]) -> None:
    here = shell()
    here.types("hello\r")
    here.sees("bot> ")
    here.is_ready()
    here.sees("1 turn")
    with History.open() as history:  # for the arrow keys, a line is kept in the background
        here.until(lambda: history.recent_input_lines() == ["hello"])
    here.kill(signal.SIGKILL)
    here.until(lambda: "code -9" in here.written)
    with History.open() as history:
        (step,) = history.show(1).path
        assert step.reply
        assert (step.turn.text, f"bot> {step.reply.text}" in here.screen) == ("hello", True)
        assert history.recent_input_lines() == ["hello"]


def test_an_interrupt_from_outside_is_ctrl_c(shell: Callable[..., Shell]) -> None:
    here = shell()
    here.is_ready()
    here.types("half a line")
    here.sees("half a line")
    here.kill(signal.SIGINT)
    here.sees("Ctrl-C again leaves")
    here.until(lambda: "half a line" not in here.screen)
    here.types("/quit\r")
    assert here.ended() == 0


def test_a_crash_leaves_the_terminal_as_it_was(shell: Callable[..., Shell], tmp_path: Path) -> None:
    (tmp_path / "no.db").write_bytes(b"this is no database " * 100)
    here = shell("--database", str(tmp_path / "no.db"))
    assert here.ended() == 1
    assert "chatbot: " in here.screen
    assert "Traceback" not in here.written


def test_a_dumb_terminal_gets_plain_lines(shell: Callable[..., Shell]) -> None:
    here = shell(TERM="dumb")
    here.sees("you>")
    here.types("hello\r")
    here.sees("bot> ")
    here.types("/nope\r")
    here.sees("! unknown command '/nope'")
    here.types("\x03")
    here.sees("Ctrl-C again leaves")
    here.types("/quit\r")
    assert here.ended() == 0
    assert "\x1b" not in here.written


@pytest.mark.parametrize("asked", ["option", "config"])
def test_plain_lines_for_those_who_ask(shell: Callable[..., Shell], asked: str) -> None:
    if asked == "config":
        config_path().write_text("[chat]\nplain = true\n")
    here = shell(*(["--plain"] if asked == "option" else []), columns=40)
    here.sees("you>")
    here.types("hello\r")
    here.sees("bot> ")
    here.types("/private\r")
    here.sees("you (private)>")
    here.types("/clear\r")
    here.sees("! /clear cannot work now: there is no")
    here.types("/quit\r")
    assert here.ended() == 0
    assert "\x1b" not in here.written
