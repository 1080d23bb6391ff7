"""`chatbot replay --watch`: a conversation played back; keys pause, step and leave; the terminal is always restored."""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Self

import click

if TYPE_CHECKING:
    from chatbot.replay.branches import Branch
    from chatbot.replay.watching import Moment

HELP = "space pauses, n or Enter shows the next, q leaves"
PAUSED = "-- paused: " + HELP
LEAVE, STEP, PAUSE = ("q", "Q", "\x04"), ("n", "N", "\r", "\n"), (" ",)


def watch(branches: list[Branch], speed: float) -> None:
    """Play branches one after the other; where stdout is no terminal, just print them."""
    from chatbot.replay.watching import heading, moments

    timed = sys.stdout is not None and sys.stdout.isatty()
    if not timed:
        for branch in branches:
            click.echo("\n".join([heading(branch), *(moment.text for moment in moments(branch))]))
        return
    with Keys() as keys:
        if keys.there:
            click.echo(HELP, err=True)
        player = _Player(keys, speed)
        try:
            for branch in branches:
                click.echo(heading(branch))
                if not all(map(player.show, moments(branch))):
                    return
        except KeyboardInterrupt:
            click.echo()
            raise


class _Player:
    """Shows moments; remembers whether it is paused."""

    def __init__(self, keys: Keys, speed: float) -> None:
        self.keys, self.speed, self.paused = keys, speed, False

    def show(self, moment: Moment) -> bool:
        """Show one moment; False once the person leaves. A step shows it whole and at once."""
        stepping = False
        for place, part in enumerate(moment.parts):
            if not stepping:
                key = self._wait(moment.seconds / self.speed / len(moment.parts), "".join(moment.parts[:place]))
                if key in LEAVE:
                    click.echo()
                    return False
                stepping = key in STEP
            sys.stdout.write(part)
            sys.stdout.flush()
        click.echo()
        return True

    def _wait(self, seconds: float, begun: str) -> str:
        """Let time pass, as long as it takes while paused; a key that leaves or steps ends it.

        `begun` is what is shown of a line so far; below the notice of a pause it is shown once more.
        """
        end = time.monotonic() + seconds
        while True:
            key = self.keys.next(None if self.paused else max(0.0, end - time.monotonic()))
            if key in PAUSE:
                self.paused = not self.paused
                end = time.monotonic() + seconds
                if self.paused:
                    click.echo(("\n" if begun else "") + PAUSED, err=True)
                    sys.stdout.write(begun)
                    sys.stdout.flush()
            elif key in LEAVE or key in STEP or (not key and not self.paused):
                return key


class Keys:
    """Single keys from the terminal, without echo; leaving the block restores it, also when a signal ends the program.

    Where stdin is no terminal, or the platform has none, there are no keys and time alone passes.
    """

    def __init__(self) -> None:
        self.there = sys.stdin is not None and sys.stdin.isatty()
        self._before: list[Any] | None = None
        self._handlers: dict[int, Any] = {}

    def __enter__(self) -> Self:
        try:
            import termios
        except ImportError:
            self.there = False
        if self.there:
            self._before = termios.tcgetattr(sys.stdin.fileno())
            for number, handler in (
                (signal.SIGTERM, self._end),
                (signal.SIGHUP, self._end),
                (signal.SIGTSTP, self._suspend),
            ):
                self._handlers[number] = signal.signal(number, handler)
            self._silence()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._restore()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def next(self, seconds: float | None) -> str:
        """The next key within some seconds (None: however long it takes); empty where none came."""
        if not self.there:
            time.sleep(seconds or 0.0)
            return ""
        descriptor = sys.stdin.fileno()
        ready, _, _ = select.select([descriptor], [], [], seconds)
        if not ready:
            return ""
        return os.read(descriptor, 1).decode("ascii", "replace") or LEAVE[0]  # the end of input leaves

    def _silence(self) -> None:
        import termios

        assert self._before is not None
        quiet = list(self._before)
        quiet[3] &= ~(termios.ICANON | termios.ECHO)
        termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, quiet)

    def _restore(self) -> None:
        if self._before is not None:
            import termios

            termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, self._before)

    def _end(self, number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    def _suspend(self, number: int, frame: FrameType | None) -> None:
        """Ctrl-Z: give the terminal back before stopping, and take it again after."""
        self._restore()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
        signal.signal(number, self._suspend)
        self._silence()
