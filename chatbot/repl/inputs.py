"""The lines typed so far, for the arrow keys: read from the history and kept in it, both in the background."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from concurrent.futures import Future, wait
from typing import TYPE_CHECKING, Any

from prompt_toolkit.history import History as Lines

from chatbot.errors import ChatbotError
from chatbot.repl.loading import in_background

if TYPE_CHECKING:
    from chatbot.store.history import History


class InputLines(Lines):
    """Lines of earlier sessions come from the history once it is open; those of this one go there."""

    def __init__(self, opened: Future[History | None], keeping: Callable[[], bool] = lambda: True) -> None:
        super().__init__()
        self.opened = opened
        self.keeping = keeping  # asked for each line
        self.earlier = in_background(lambda: list(self.load_history_strings()))
        self.last: Future[Any] = self.earlier  # what a new line is kept after

    async def load(self) -> AsyncGenerator[str, None]:
        """All lines, latest first; waits for those of earlier sessions without holding up anything."""
        if not self._loaded:
            earlier = await asyncio.wrap_future(self.earlier)
            if not self._loaded:
                self._loaded, self._loaded_strings = True, self._loaded_strings + earlier
        for line in list(self._loaded_strings):
            yield line

    def load_history_strings(self) -> Iterable[str]:
        """Lines of earlier sessions, latest first; none where they cannot be read, which is reported elsewhere."""
        try:
            history = self.opened.result()
            return history.recent_input_lines() if history else []
        except ChatbotError:
            return []

    def store_string(self, string: str) -> None:
        """Keep a line, after those before it."""
        if not self.keeping():
            return
        before = self.last

        def keep() -> None:
            wait([before])
            if history := self.opened.result():
                history.add_input_line(string)

        self.last = in_background(keep)

    def finish(self, seconds: float) -> None:
        """Wait until all lines are kept, but not forever."""
        if self.opened.done():
            wait([self.last], timeout=seconds)
