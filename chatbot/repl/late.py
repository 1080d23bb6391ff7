"""A dialogue whose model may still be loading; imported in the background, because it brings NumPy."""

from __future__ import annotations

from collections.abc import Callable

from chatbot.dialogue.dialogue import Dialogue
from chatbot.dialogue.model import Model
from chatbot.dialogue.reply import Reply
from chatbot.dialogue.streaming import OnText
from chatbot.repl.loading import Stop
from chatbot.settings import DecodingSettings

Source = Callable[[Stop | None], tuple[Model, DecodingSettings]]  # waits for the model, unless stopped


class LateDialogue(Dialogue):
    """Takes its model and its settings from `source` whenever it answers, and waits for them there."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.turns = ()

    def reply(self, text: str, stop: Stop | None = None, on_text: OnText | None = None) -> Reply:
        """As `Dialogue.reply`, once the model is there."""
        self.unanswered = text
        self.model, self.settings = self.source(stop)
        return super().reply(text, stop, on_text)

    def retry(self, stop: Stop | None = None, on_text: OnText | None = None) -> Reply:
        """As `Dialogue.retry`, once the model is there."""
        self.model, self.settings = self.source(stop)
        return super().retry(stop, on_text)

    def edit(self, place: int, text: str, stop: Stop | None = None, on_text: OnText | None = None) -> Reply:
        """Say `text` in place of turn `place` (1 is the first); an error leaves the dialogue as it was."""
        before = self.turns
        self.turns = before[: place - 1]
        try:
            return self.reply(text, stop, on_text)
        except BaseException:
            self.turns, self.unanswered = before, None
            raise

    def take(self, reply: Reply, model: Model) -> None:
        """Let another reply to the last text stand."""
        from chatbot.store.recorded import taken

        self.model = model
        taken(self, reply)
