"""A terminal in memory and a person at it: drives a real session through prompt_toolkit's pipe input."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable
from typing import Any

import pyte
from prompt_toolkit.application import create_app_session
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.output.vt100 import Vt100_Output

from chatbot.repl.session import Session
from chatbot.repl.talk import Asked

PATIENCE = 60.0  # seconds after which a test that waits in vain fails


class Terminal(pyte.Screen):
    """A screen that answers questions about its cursor, as terminals do."""

    def __init__(self, columns: int, lines: int, answer: Callable[[str], None]) -> None:
        super().__init__(columns, lines)
        self.answer = answer

    def write_process_input(self, data: str) -> None:
        self.answer(data)

    def resize(self, lines: int | None = None, columns: int | None = None) -> None:
        """As most terminals do it: what no longer fits a line goes on in the next; made wider, nothing is joined."""
        lines, columns = lines or self.lines, columns or self.columns
        rows: list[list[pyte.screens.Char]] = []
        last = max((y for y in range(self.lines) if self.display[y].strip()), default=0)
        row, column = self.cursor.y, self.cursor.x
        for y in range(max(last, self.cursor.y) + 1):
            drawn = [self.buffer[y][x] for x in range(len(self.display[y].rstrip()))]
            if y == self.cursor.y:
                row, column = len(rows) + max(0, column - 1) // columns, (column - 1) % columns + 1 if column else 0
            rows += [drawn[start : start + columns] for start in range(0, max(1, len(drawn)), columns)]
        hidden = max(0, len(rows) - lines)
        super().resize(lines, columns)
        self.buffer.clear()
        for y, cells in enumerate(rows[hidden:]):
            self.buffer[y].update(enumerate(cells))
        self.cursor.y, self.cursor.x = max(0, row - hidden), min(column, columns - 1)

    @property
    def text(self) -> str:
        """The lines above the toolbar, without what is blank at their ends."""
        return "\n".join(line.rstrip() for line in self.display[:-1]).rstrip()

    @property
    def toolbar(self) -> str:
        return self.display[-1].rstrip()


class Cable(io.StringIO):
    """Where prompt_toolkit writes; keeps all of it, and passes it to the screen."""

    def __init__(self, terminal: Terminal) -> None:
        super().__init__()
        self.stream = pyte.Stream(terminal)

    def write(self, data: str) -> int:
        self.stream.feed(data)
        return super().write(data)

    def isatty(self) -> bool:
        return True


class Person:
    """Types into a session and looks at its screen."""

    def __init__(self, session: Session, terminal: Terminal, pipe: PipeInput, cable: Cable) -> None:
        self.session, self.terminal, self.pipe, self.cable = session, terminal, pipe, cable
        self.left = False  # the session has ended
        self.dealt = 0  # lines submitted and dealt with, replies still being computed among them
        deal = session._do

        def counted(line: str) -> None:
            deal(line)
            self.dealt += 1

        session._do = counted  # type: ignore[method-assign]

    @property
    def screen(self) -> str:
        return self.terminal.text

    def types(self, text: str) -> None:
        self.pipe.send_text(text)

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for something to come true."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + PATIENCE
        while not condition():
            assert loop.time() < deadline, f"waited in vain at:\n{self.screen}\n{self.terminal.toolbar}"
            await asyncio.sleep(0.005)

    async def sees(self, text: str) -> None:
        await self.until(lambda: text in self.screen)

    async def sees_toolbar(self, text: str) -> None:
        await self.until(lambda: text in self.terminal.toolbar)

    async def presses_up(self, times: int) -> None:
        """Go back in the lines typed so far, once they are there."""
        await self.until(lambda: len(self.session.prompt.default_buffer._working_lines) > times)
        self.types("\x1b[A" * times)

    async def is_ready(self) -> None:
        """Wait until the model is loaded and no reply is being computed."""
        await self.until(lambda: self.session.talk.loaded and not self.session.answering.busy)

    async def says(self, line: str) -> None:
        """Submit a line and wait until it is dealt with and the next prompt is there."""
        await self.is_ready()
        before = self.dealt
        self.types(line + "\r")
        await self.until(lambda: self.dealt > before and not self.session.answering.busy)
        app = self.session.prompt.app
        await self.until(lambda: app.is_running and app.renderer.last_rendered_screen)


Script = Callable[[Person], Awaitable[None]]


def at_terminal(asked: Asked, script: Script, columns: int = 80, lines: int = 50) -> Person:
    """Run a session until it ends, the script being the person; Ctrl-D is typed after the script."""

    async def run(person: Person) -> None:
        task = asyncio.create_task(person.session.run())
        typing = asyncio.create_task(act(person, task))
        try:
            await task
        finally:
            person.left = True
            await typing

    async def act(person: Person, task: asyncio.Task[Any]) -> None:
        try:
            await script(person)
        except BaseException:
            task.cancel()
            raise
        if not task.done():
            person.types("\x04")

    with create_pipe_input() as pipe:
        terminal = Terminal(columns, lines, pipe.send_text)
        cable = Cable(terminal)
        output = Vt100_Output(
            cable, lambda: Size(lines, columns), term="xterm", default_color_depth=ColorDepth.from_env()
        )
        with create_app_session(pipe, output):
            person = Person(Session(asked, pipe, output), terminal, pipe, cable)
            asyncio.run(run(person))
        return person
