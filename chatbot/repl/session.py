"""The loop: read a line, do what it says, print what comes of it; the terminal is restored however it ends."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

from prompt_toolkit import PromptSession
from prompt_toolkit.filters import Condition
from prompt_toolkit.input import Input, create_input
from prompt_toolkit.output import Output, create_output
from prompt_toolkit.styles import Style

from chatbot.home import load_config
from chatbot.repl.answering import Answering, growing
from chatbot.repl.commands import Leave, handle
from chatbot.repl.completion import CommandCompleter
from chatbot.repl.inputs import InputLines
from chatbot.repl.keys import key_bindings
from chatbot.repl.resizing import follow_resizing
from chatbot.repl.screen import SafeLine, Screen, show_above, take_early_keys
from chatbot.repl.table import command_table
from chatbot.repl.talk import Asked, Talk
from chatbot.repl.themes import THEMES
from chatbot.repl.toolbar import toolbar
from chatbot.repl.unknown import UnknownWords
from chatbot.repl.view import AGAIN, Fragments, View

GRACE = 0.2  # seconds in which a reply is printed before the next prompt is shown
PATIENCE = 5.0  # seconds to wait, when leaving, for what is still being kept


def talk_in_terminal(asked: Asked) -> None:
    """Talk until the person leaves. Raises `ChatbotError` where nothing can be kept, SystemExit on a signal."""
    session = Session(asked, create_input(), create_output())
    asyncio.run(session.run())


class Session:
    """One session on one terminal."""

    def __init__(self, asked: Asked, input: Input, output: Output) -> None:
        theme = asked.theme or load_config().chat.theme
        self.talk = Talk(asked, View(Screen(output, theme)))
        self.table = command_table()
        self.input, self.output = input, output
        self.answering = Answering(self.talk, self.report)
        self.lines = InputLines(self.talk.opened, lambda: not self.talk.private)
        self.fatal: BaseException | None = None  # why nothing can be kept
        self.signal: int | None = None  # what ended the session from outside
        self.said_how_to_leave = False
        self.printing: set[asyncio.Future[None]] = set()
        self.watched: set[asyncio.Future[Any]] = set()
        self.prompt = self._prompt(THEMES[theme])
        self.prompt.app.after_render += self._once_shown
        follow_resizing(self.prompt.app)

    def _prompt(self, style: Style) -> PromptSession[str]:
        return PromptSession(
            self._message,  # type: ignore[arg-type]
            multiline=True,
            prompt_continuation=lambda *_: " " * len(self.talk.label),
            history=self.lines,
            completer=CommandCompleter(self.table, self.talk),
            complete_while_typing=Condition(lambda: self.prompt.default_buffer.text.startswith("/")),
            bottom_toolbar=lambda: toolbar(self.talk, self._doing(), self.output.get_size().columns),
            key_bindings=key_bindings(self.answering, self._dropped),
            lexer=UnknownWords(self.talk),
            input_processors=[SafeLine()],
            style=style,
            enable_suspend=True,
            input=self.input,
            output=self.output,
        )

    def _message(self) -> Fragments:
        waiting = growing(self.answering, *reversed(self.output.get_size())) if self.answering.busy else []
        return [*waiting, ("class:you", self.talk.label)]

    def _doing(self) -> str:
        """What Ctrl-C would stop."""
        return "" if not self.answering.busy else "it" if self.answering.errand else "the reply"

    async def run(self) -> None:
        """Talk until the person leaves."""
        asyncio.get_running_loop().set_exception_handler(self._surprised)
        with self.input.raw_mode(), self._signals():
            take_early_keys(self.input)
            try:
                self.talk.view.welcome(self.talk.keep)
                await self._loop()
            except asyncio.CancelledError:
                if self.signal is None:
                    raise
            finally:
                await self._finish()
        if self.signal is not None:
            raise SystemExit(128 + self.signal)

    async def _loop(self) -> None:
        while not self.fatal:
            try:
                draft, self.talk.draft = self.talk.draft, ""
                line = await self.prompt.prompt_async(default=draft, set_exception_handler=False)
                self._do(line)
            except (EOFError, Leave):
                return
            if self.answering.task:
                await asyncio.wait({self.answering.task}, timeout=GRACE)
        raise self.fatal

    def _do(self, line: str) -> None:
        try:
            work = handle(self.table, self.talk, line)
        except Leave:
            raise
        except Exception as error:
            self.report(error)
        else:
            if work:
                self.prompt.app.erase_when_done = True  # whoever leaves now sees the reply once, not half of it before
                self.answering.start(work).add_done_callback(self._answered)

    def _answered(self, _: object) -> None:
        self.prompt.app.erase_when_done = False
        if self.prompt.app.is_running:  # else the next prompt begins with the draft
            draft, self.talk.draft = self.talk.draft, ""
            if not self.prompt.default_buffer.text:
                self.prompt.default_buffer.insert_text(draft)

    def report(self, error: BaseException) -> None:
        """Print what went wrong; the session goes on."""
        if error is not self.fatal:
            self.talk.failure(error)

    def _once_shown(self, _: object) -> None:
        """The prompt is there: now do what takes time."""
        self.prompt.app.after_render -= self._once_shown
        self.talk.on_load = lambda model: self._watch(model, self._not_loaded)
        self.talk.start()
        self._watch(self.talk.opened, self._not_kept)

    def _watch(self, future: Future[Any], failed: Callable[[BaseException], None]) -> None:
        """Call `failed` if the future ends in an error; show the new state in any case."""

        def done(ended: asyncio.Future[Any]) -> None:
            self.watched.discard(ended)
            if ended.cancelled():
                return
            if error := ended.exception():
                failed(error)
            self.prompt.app.invalidate()

        watched = asyncio.wrap_future(future)
        self.watched.add(watched)
        watched.add_done_callback(done)

    def _not_loaded(self, error: BaseException) -> None:
        if self.talk.loaded:
            self._soon(lambda: self.report(error))
            self._soon(lambda: self.talk.view.note(f"Still talking with {self.talk.model.result().name}."))
        elif not self.answering.busy:  # else the line that waits for the model reports it
            self._soon(lambda: self.report(error))

    def _not_kept(self, error: BaseException) -> None:
        self.fatal = error
        if self.prompt.app.is_running and not self.prompt.app.is_done:
            self.prompt.app.exit(exception=error)

    def _surprised(self, _: object, context: dict[str, Any]) -> None:
        """An error in a key, a completion or a callback: report it as any other."""
        error = context.get("exception") or RuntimeError(context["message"])
        self._soon(lambda: self.report(error))

    def _dropped(self) -> None:
        if not self.said_how_to_leave:
            self.said_how_to_leave = True
            self._soon(lambda: self.talk.view.note(AGAIN))

    def _soon(self, show: Callable[[], None]) -> None:
        """Print above the prompt."""
        task = asyncio.ensure_future(show_above(show))
        self.printing.add(task)
        task.add_done_callback(self.printing.discard)

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        """Leave in order when the program is asked to end or its terminal is closed."""
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None

        def ended(number: int) -> None:
            self.signal = number
            task.cancel()

        numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
        caught = []
        for number in numbers:
            with contextlib.suppress(NotImplementedError, ValueError, RuntimeError):  # not here, or not in this thread
                loop.add_signal_handler(number, ended, number)
                caught.append(number)
        try:
            yield
        finally:
            for number in caught:
                loop.remove_signal_handler(number)

    async def _finish(self) -> None:
        """Stop the reply, wait a little for what is being kept, and close the history."""
        self.answering.stop()
        if self.answering.task:
            await asyncio.wait({self.answering.task}, timeout=PATIENCE)
        for future in list(self.watched):  # what is still loading has no one to tell
            future.cancel()
        self.lines.finish(PATIENCE)
        self.talk.close()
