"""What can follow what was typed: command names, then what each command's `choices` offer, with descriptions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from chatbot.errors import ChatbotError
from chatbot.repl.commands import Choices, Table, always, is_command
from chatbot.repl.loading import in_background
from chatbot.repl.talk import Talk
from chatbot.repl.unknown import word_choices
from chatbot.terminal import one_line

MOST_SHOWN = 300  # letters of a choice and of its meaning; no menu is wider


class CommandCompleter(Completer):
    """Completes lines that start with a slash; in talk, only words the model does not know, and only on Tab."""

    def __init__(self, table: Table, talk: Talk) -> None:
        self.table, self.talk = table, talk

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """Completions of the last word before the cursor."""
        text = document.text_before_cursor
        if not is_command(document.text) and complete_event.completion_requested:
            start, near = word_choices(self.talk, text)
            yield from (Completion(word, -start, display=one_line(word)) for word in near)
            return
        if not is_command(text) or "\n" in text:
            return
        words = text.split(" ")
        typed = words[-1].lower()
        for choice, meaning in self._choices(words):
            if choice.lower().startswith(typed):
                shown = one_line(choice)
                meta = one_line(meaning[:MOST_SHOWN])
                yield Completion(choice, -len(words[-1]), display=shown[:MOST_SHOWN], display_meta=meta)

    async def get_completions_async(
        self, document: Document, complete_event: CompleteEvent
    ) -> AsyncGenerator[Completion, None]:
        """The same, found behind the prompt: typing goes on while the history opens, or is locked."""
        for one in await asyncio.wrap_future(
            in_background(lambda: list(self.get_completions(document, complete_event)))
        ):
            yield one

    def _choices(self, words: list[str]) -> Choices:
        if len(words) == 1:
            return [
                (f"/{name}", command.help)
                for name, command in self.table.items()
                if command.prevented is always or not command.prevented(self.talk)
            ]
        command = self.table.get(words[0][1:].lower())
        try:
            return command.choices(self.talk, words[1:]) if command else ()
        except (ChatbotError, OSError):  # a folder of models that cannot be read offers nothing
            return ()
