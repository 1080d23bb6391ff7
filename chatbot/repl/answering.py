"""One reply or errand at a time, done in a thread while the prompt stays usable; keys typed too early wait for it.

Lives in the event loop's thread; only the work itself runs elsewhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import threading
from collections.abc import Callable

from prompt_toolkit.application import get_app
from prompt_toolkit.key_binding import KeyPress
from prompt_toolkit.utils import get_cwidth

from chatbot.repl.loading import in_background
from chatbot.repl.screen import show_above
from chatbot.repl.talk import Errand, Talk, Work
from chatbot.repl.view import BOT, Fragments
from chatbot.repl.wrapping import wrap
from chatbot.terminal import visible

FRAMES = ("·  ", "·· ", "···", " ··", "  ·", "   ")
FRAME_SECONDS = 0.15


class Answering:
    """The work being done, if any. `held` are the keys typed since Enter was pressed during it."""

    def __init__(self, talk: Talk, report: Callable[[BaseException], None]) -> None:
        self.talk = talk
        self.report = report
        self.task: asyncio.Task[None] | None = None
        self.stopping = threading.Event()
        self.held: list[KeyPress] = []
        self.frame = 0
        self.errand = False  # whether what is done is no reply
        self.growing = ""  # what is certain of the reply so far

    @property
    def dots(self) -> str:
        """What is shown in place of the reply."""
        return FRAMES[self.frame]

    @property
    def busy(self) -> bool:
        """Whether a reply is being computed or printed, or an errand done."""
        return self.task is not None and not self.task.done()

    def start(self, work: Work) -> asyncio.Task[None]:
        """Begin a work; the task ends when what came of it is printed."""
        self.stopping.clear()
        self.growing = ""
        self.errand = isinstance(work, Errand)
        loop, context = asyncio.get_running_loop(), contextvars.copy_context()

        def hear(part: str) -> None:
            with contextlib.suppress(RuntimeError):  # the session is over
                loop.call_soon_threadsafe(self._grow, part, context=context)

        self.talk.hear = hear
        self.task = asyncio.create_task(self._answer(work))
        self.task.add_done_callback(lambda _: self._release())
        return self.task

    def stop(self) -> None:
        """Let the reply end with what is there."""
        self.stopping.set()

    async def _answer(self, work: Work) -> None:
        future = asyncio.wrap_future(in_background(lambda: work(self.stopping.is_set)))
        ticking = asyncio.create_task(self._tick())
        try:
            outcome = await future
        except Exception as error:
            failure = error
            await show_above(lambda: self.report(failure))
        else:
            await show_above(lambda: self.talk.show(outcome))
        finally:
            ticking.cancel()

    def _grow(self, part: str) -> None:
        self.growing += part
        get_app().invalidate()

    async def _tick(self) -> None:
        """Move the dots while there is something to wait for."""
        while True:
            await asyncio.sleep(FRAME_SECONDS)
            self.frame = (self.frame + 1) % len(FRAMES)
            get_app().invalidate()

    def _release(self) -> None:
        """Let the keys that were held do what they were meant to do."""
        app = get_app()
        if self.held and app.is_running:
            app.key_processor.feed_multiple(self.held)
            self.held = []
            app.key_processor.process_keys()
        app.invalidate()


def growing(answering: Answering, columns: int, lines: int) -> Fragments:
    """The reply so far, broken as it will be when printed, its last lines where it is long; dots follow it."""
    if answering.errand:
        return [("class:note", answering.dots + "\n")]
    break_, room = "\n" + " " * len(BOT), max(1, columns - len(BOT))
    shown = wrap(visible(answering.growing, keep_newlines=True), room, room)[-max(1, lines // 2) :]
    fits = get_cwidth(shown[-1]) + 1 + len(answering.dots) <= room
    gap = (" " if fits else break_) if answering.growing else ""
    return [("class:bot", BOT), ("", break_.join(shown) + gap), ("class:note", answering.dots + "\n")]
