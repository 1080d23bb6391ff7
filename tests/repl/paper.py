"""A session on paper: lines in, what is printed out; without a terminal, at a given width."""

from __future__ import annotations

from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from chatbot.repl.commands import handle
from chatbot.repl.completion import CommandCompleter
from chatbot.repl.loading import waited
from chatbot.repl.table import command_table
from chatbot.repl.talk import Asked, Talk
from chatbot.repl.view import Plain, View


class Paper:
    """A talk in progress and what it printed."""

    def __init__(self, asked: Asked, columns: int = 100) -> None:
        self.text = ""
        self.table = command_table()
        self.talk = Talk(asked, View(Plain(lambda: columns, self.write)))
        self.talk.start()
        waited(self.talk.model)
        waited(self.talk.conversation)

    def write(self, text: str) -> None:
        self.text += text

    def types(self, line: str) -> str:
        """What is printed for a line, the reply included."""
        self.text = ""
        work = handle(self.table, self.talk, line)
        if work:
            self.talk.show(work(lambda: False))
        return self.text

    def offers(self, line: str) -> dict[str, str]:
        """Completions of a line, with their descriptions."""
        found = CommandCompleter(self.table, self.talk).get_completions(Document(line), CompleteEvent())
        return {one.text: one.display_meta_text for one in found}
