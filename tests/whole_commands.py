"""Whole commands in processes of their own, and what every ending must look like."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

COMMAND = (sys.executable, "-m", "chatbot")


def after(code: str) -> tuple[str, ...]:
    """`chatbot` as a command line that first runs some Python in the same process, such as setting a limit."""
    return (sys.executable, "-c", f"{code}\nimport os, sys\nos.execv(sys.argv[1], sys.argv[1:])", *COMMAND)


def within(code: str) -> tuple[str, ...]:
    """`chatbot` as a command line whose own process first runs some Python, such as changing a constant."""
    return (sys.executable, "-c", f"{code}\nfrom chatbot.cli.main import main\nraise SystemExit(main())")


@dataclass(frozen=True)
class Ending:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """The lines of stdout; nothing but a newline ends one."""
        return self.out.removesuffix("\n").split("\n") if self.out else []

    def failed(self, code: int, *words: str) -> None:
        """Assert that it failed with `code` and exactly one line, which holds all `words`."""
        assert self.code == code, (self.code, self.err)
        assert self.err.startswith("chatbot: "), self.err
        assert self.err.count("\n") == 1, self.err
        assert self.err.endswith("\n"), self.err
        assert [word for word in words if word not in self.err] == [], self.err


@dataclass(frozen=True)
class Chatbot:
    """Runs `chatbot` in a folder with an environment of its own."""

    folder: Path
    environment: Mapping[str, str]

    @property
    def home(self) -> Path:
        return Path(self.environment["CHATBOT_HOME"])

    def run(
        self,
        *arguments: str | bytes,
        typed: str | bytes = "",
        before: str = "",
        inside: str = "",
        timeout: float = 60,
        **variables: str,
    ) -> Ending:
        """Run `chatbot ARGUMENTS` to its end; `typed` is its standard input.

        `before` is code as in `after`, `inside` as in `within`. A traceback fails the test at once.
        """
        ended = subprocess.run(
            [*(after(before) if before else within(inside) if inside else COMMAND), *arguments],
            input=typed.encode() if isinstance(typed, str) else typed,
            capture_output=True,
            cwd=self.folder,
            env={**self.environment, **variables},
            timeout=timeout,
            check=False,
        )
        assert b"Traceback" not in ended.stderr, ended.stderr
        return Ending(ended.returncode, ended.stdout.decode(), ended.stderr.decode())

    def start(self, *arguments: str, stdout: int = subprocess.PIPE, silent: bool = False) -> subprocess.Popen[bytes]:
        """Start `chatbot ARGUMENTS`, its streams being pipes (nothing if `silent`); use as a context manager."""
        stdin, stderr = (subprocess.DEVNULL, subprocess.DEVNULL) if silent else (subprocess.PIPE, subprocess.PIPE)
        return subprocess.Popen(
            [*COMMAND, *arguments],
            stdin=stdin,
            stdout=subprocess.DEVNULL if silent else stdout,
            stderr=stderr,
            cwd=self.folder,
            env=self.environment,
        )
