"""The table of commands, in the order that /help shows them; a new command is written in a file and added here."""

from __future__ import annotations

from chatbot.repl.adjusting import MODEL, SET, SETTINGS
from chatbot.repl.annotating import BOOKMARK, CORRECT, NOTE, RATE
from chatbot.repl.basics import QUIT, help_command
from chatbot.repl.comfort import CLEAR, MULTILINE, PRIVATE, VERSION
from chatbot.repl.commands import Command
from chatbot.repl.exporting import EXPORT, IMPORT, SAVE
from chatbot.repl.insight import ATTENTION, BEAMS, WHY
from chatbot.repl.keeping import OPEN, RENAME, SEARCH, SHOW
from chatbot.repl.origin import SOURCE
from chatbot.repl.scripting import TEST
from chatbot.repl.side import GENERATE, TAG, TRANSLATE
from chatbot.repl.talking import HISTORY, NEW, UNDO
from chatbot.repl.tree import EDIT, FORK, PICK, RETRY, TREE
from chatbot.repl.views import ALTERNATIVES, COPY, PROBABILITIES, RESET, TIME


def command_table() -> dict[str, Command]:
    """Name -> command."""
    table: dict[str, Command] = {}
    surface = (PRIVATE, MULTILINE, CLEAR, VERSION)
    kept = (HISTORY, SEARCH, OPEN, SHOW, RENAME, RATE, CORRECT, NOTE, BOOKMARK, SAVE, EXPORT, IMPORT, TEST)
    branches = (RETRY, UNDO, EDIT, PICK, TREE, FORK)
    views = (ALTERNATIVES, WHY, PROBABILITIES, ATTENTION, BEAMS, SOURCE, TIME, COPY)
    side = (TRANSLATE, TAG, GENERATE)
    before = (help_command(table), NEW, *branches, *views, *side)
    for command in (*before, SET, SETTINGS, RESET, MODEL, *kept, *surface, QUIT):
        table[command.name] = command
    return table
