"""A conversation in memory: texts of a person in, replies out; can be retried, undone, and continued elsewhere."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

from chatbot.dialogue.asked import Stop
from chatbot.dialogue.model import Model
from chatbot.dialogue.reply import Reply
from chatbot.dialogue.seeds import seed_for
from chatbot.dialogue.streaming import OnText
from chatbot.errors import UsageError
from chatbot.settings import DecodingSettings

REDRAWS = 8  # seeds that a retry by sampling tries to find words not yet shown


@dataclass(frozen=True, slots=True)
class Turn:
    """What a person said, the reply that stands, and the texts of all replies shown to it so far."""

    text: str
    reply: Reply
    shown: tuple[str, ...]


class Dialogue:
    """A model in conversation. `model`, `settings` and `turns` (oldest first) may be replaced at any time."""

    unanswered: str | None = None
    """The last text, where an error kept it from having a reply: what `retry` answers, and `undo` takes back."""

    def __init__(self, model: Model, settings: DecodingSettings | None = None) -> None:
        self.model = model
        self.settings = model.settings if settings is None else settings
        self.turns: tuple[Turn, ...] = ()

    def reply(self, text: str, stop: Stop | None = None, on_text: OnText | None = None) -> Reply:
        """Answer `text` and remember both; an error leaves the turns as they were.

        `stop` is asked between two decoding steps; once it says True, what was found so far is the reply. `on_text`
        gets the reply part by part, each as soon as it is certain.
        """
        self.unanswered = None
        try:
            reply = self._answer(self.turns, text, (), stop, on_text)
        except BaseException:
            with suppress(UsageError):  # it holds nothing to answer
                self.model.context([text], [False])
                self.unanswered = text
            raise
        self.turns = (*self.turns, Turn(text, reply, (reply.text,)))
        return reply

    def retry(self, stop: Stop | None = None, on_text: OnText | None = None) -> Reply:
        """Another reply to the last text, in place of the last one.

        Sampling draws with another seed; a search takes the best hypothesis whose text was not shown yet, from a
        beam made wide enough to hold one (the reply's settings tell its size). `on_text` gets it as a whole.
        """
        if self.unanswered:
            return self.reply(self.unanswered, stop, on_text)
        if not self.turns:
            raise UsageError("nothing to retry: say something first")
        *earlier, last = self.turns
        reply = self._answer(tuple(earlier), last.text, last.shown, stop)
        if on_text:
            on_text(reply.text)
        self.turns = (*earlier, Turn(last.text, reply, (*last.shown, reply.text)))
        return reply

    def undo(self) -> str | None:
        """Forget the last text and its reply; returns the text, or None where there is nothing to undo."""
        if self.unanswered:
            text, self.unanswered = self.unanswered, None
            return text
        if not self.turns:
            return None
        *earlier, last = self.turns
        self.turns = tuple(earlier)
        return last.text

    def clear(self) -> None:
        """Start anew, with the same model and settings."""
        self.turns, self.unanswered = (), None

    def _answer(
        self,
        earlier: tuple[Turn, ...],
        text: str,
        shown: tuple[str, ...],
        stop: Stop | None,
        on_text: OnText | None = None,
    ) -> Reply:
        said = [line for turn in earlier for line in (turn.text, turn.reply.text)] + [text]
        own = [position % 2 == 1 for position in range(len(said))]
        settings = self.settings
        if not settings.temperature:
            seed = seed_for(settings, len(earlier), len(shown))
            return self.model.answer(said, own, settings, seed, stop, shown, on_text)
        for redraw in range(REDRAWS if shown else 1):
            seed = seed_for(settings, len(earlier), len(shown) + redraw)
            reply = self.model.answer(said, own, replace(settings, seed=seed), seed, stop, (), on_text)
            if reply.text not in shown or not reply.complete:
                break
        return reply
