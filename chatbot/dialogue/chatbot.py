"""The library's entry point: a model to talk with, from Python.

bot = Chatbot.load("cornell")
print(bot.reply("hello"))
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from queue import SimpleQueue
from typing import Any, Self

from chatbot.dialogue.dialogue import Dialogue, Turn
from chatbot.dialogue.model import Model
from chatbot.dialogue.reply import Reply
from chatbot.dialogue.seeds import seed_for
from chatbot.settings import DecodingSettings, from_mapping


class Chatbot:
    """A model and the conversation held with it, which is kept in memory only.

    `settings` say how replies are searched for; every method that answers also takes settings by name, for that reply
    alone. Errors are `chatbot.errors.ChatbotError`, one line each. One object serves one thread at a time.
    """

    def __init__(self, model: Model, settings: DecodingSettings | None = None) -> None:
        self._dialogue = Dialogue(model, settings)

    @classmethod
    def load(cls, name: str | None = None, **settings: Any) -> Self:
        """Load a model: a shipped name, a run, or a bundle folder; None is the default one.

        `settings` change the model's own, such as `beam_size=5`, for all replies.
        """
        model = Model.load(name)
        return cls(model, _changed(model.settings, settings))

    @property
    def model(self) -> Model:
        """The model that answers."""
        return self._dialogue.model

    @property
    def settings(self) -> DecodingSettings:
        """How replies are searched for; may be replaced."""
        return self._dialogue.settings

    @settings.setter
    def settings(self, settings: DecodingSettings) -> None:
        self._dialogue.settings = settings

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The conversation so far, oldest first."""
        return self._dialogue.turns

    def reply(self, text: str, **settings: Any) -> Reply:
        """Answer `text` in the conversation; `str(reply)` is the words, the rest of it says how they were found."""
        with _Meanwhile(self._dialogue, settings):
            return self._dialogue.reply(text)

    def stream(self, text: str, **settings: Any) -> Iterator[str]:
        """As `reply`, but yields its text part by part, each as soon as it is certain.

        Leaving the loop early stops the search; what was said so far is then the reply that stands in `turns`.
        """
        parts: SimpleQueue[str | BaseException | None] = SimpleQueue()
        left = threading.Event()

        def work() -> None:
            try:
                with _Meanwhile(self._dialogue, settings):
                    self._dialogue.reply(text, left.is_set, parts.put)
                parts.put(None)
            except BaseException as error:
                parts.put(error)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        try:
            while (part := parts.get()) is not None:
                if isinstance(part, BaseException):
                    raise part
                yield part
        finally:
            left.set()
            thread.join()

    def retry(self, **settings: Any) -> Reply:
        """Another reply to the last text, in place of the last one."""
        with _Meanwhile(self._dialogue, settings):
            return self._dialogue.retry()

    def undo(self) -> str | None:
        """Forget the last text and its reply; returns the text, or None where there is nothing to undo."""
        return self._dialogue.undo()

    def clear(self) -> None:
        """Start the conversation anew."""
        self._dialogue.clear()

    def score(self, prompt: str, reply: str) -> float:
        """The natural-log probability of a whole reply, its end counted, to a prompt that opens a conversation."""
        return self.model.log_prob(prompt, reply)

    def batch(self, prompts: Sequence[str], **settings: Any) -> list[Reply]:
        """Answer many prompts at once, each as if it opened a conversation; much faster than one by one.

        With a `seed`, prompt number i is answered with seed + i.
        """
        chosen = _changed(self.settings, settings)
        contexts = [self.model.context([prompt], [False]) for prompt in prompts]
        seeds = [seed_for(chosen) + (number if chosen.seed is not None else 0) for number in range(len(prompts))]
        return self.model.answer_each(contexts, chosen, seeds)


class _Meanwhile:
    """While the context lasts the dialogue has other settings."""

    def __init__(self, dialogue: Dialogue, changes: dict[str, Any]) -> None:
        self.dialogue = dialogue
        self.changes = changes

    def __enter__(self) -> None:
        self.before = self.dialogue.settings
        self.dialogue.settings = _changed(self.before, self.changes)

    def __exit__(self, *_: object) -> None:
        self.dialogue.settings = self.before


def _changed(settings: DecodingSettings, changes: dict[str, Any]) -> DecodingSettings:
    """The settings with some changed; `ConfigError` for an unknown name or a value out of bounds."""
    checked = from_mapping(DecodingSettings, changes, "settings")
    return replace(settings, **{name: getattr(checked, name) for name in changes})
