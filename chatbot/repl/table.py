"""The table of commands, in the order that /help shows them; a new command is written in a file and added here."""

from __future__ import annotations

from chatbot.repl.adjusting import MODEL, SET, SETTINGS
from chatbot.repl.annotating import BOOKMARK, CORRECT, NOTE, RATE
from chatbot.repl.basics import QUIT, help_command
from chatbot.repl.commands import Command
from chatbot.repl.keeping import OPEN, RENAME, SHOW
from chatbot.repl.talking import HISTORY, NEW, RETRY, UNDO


def command_table() -> dict[str, Command]:
    """Name -> command."""
    table: dict[str, Command] = {}
    kept = (HISTORY, OPEN, SHOW, RENAME, RATE, CORRECT, NOTE, BOOKMARK)
    for command in (help_command(table), NEW, RETRY, UNDO, SET, SETTINGS, MODEL, *kept, QUIT):
        table[command.name] = command
    return table
