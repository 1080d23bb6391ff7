"""The lines typed so far, for the arrow keys: read from the history and kept in it, both in the background."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future, wait
from typing import TYPE_CHECKING

from prompt_toolkit.history import History as Lines

from chatbot.errors import ChatbotError
from chatbot.repl.loading import in_background

if TYPE_CHECKING:
    from chatbot.store.history import History


class InputLines(Lines):
    """Lines of earlier sessions come from the history once it is open; those of this one go there."""

    def __init__(self, opened: Future[History | None]) -> None:
        super().__init__()
        self.opened = opened
        self.last: Future[None] | None = None

    def load_history_strings(self) -> Iterable[str]:
        """Earlier lines, latest first; none where the history cannot be read, which is reported elsewhere."""
        try:
            history = self.opened.result()
            return history.recent_input_lines() if history else []
        except ChatbotError:
            return []

    def store_string(self, string: str) -> None:
        """Keep a line, after those before it."""
        before = self.last

        def keep() -> None:
            if before:
                wait([before])
            if history := self.opened.result():
                history.add_input_line(string)

        self.last = in_background(keep)

    def finish(self, seconds: float) -> None:
        """Wait until all lines are kept, but not forever."""
        if self.last:
            wait([self.last], timeout=seconds)
