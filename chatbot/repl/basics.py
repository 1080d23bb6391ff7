"""Commands about the session itself: /help and /quit."""

from __future__ import annotations

from chatbot.repl.commands import Choices, Command, Leave, Table, find
from chatbot.repl.talk import Talk

KEYS = (
    ("Alt-Enter", "a new line (Ctrl-J too)"),
    ("Up, Down", "earlier lines; Ctrl-R searches them"),
    ("Tab", "complete a command, a setting, a value"),
    ("Ctrl-C", "drop the line, or stop the reply"),
    ("Ctrl-D", "leave"),
)


def help_command(table: Table) -> Command:
    """The command that explains the table it is in."""

    def run(talk: Talk, text: str) -> None:
        if text:
            command = find(table, text)
            talk.view.table([(command.spelled, command.help)])
            if why := command.prevented(talk):
                talk.view.note(f"It cannot work now: {why}.")
            return
        talk.view.note("Type anything to talk. Commands:")
        talk.view.table([(command.spelled, command.help) for command in table.values()])
        talk.view.note("Keys:")
        talk.view.table(KEYS)

    def choices(talk: Talk, words: list[str]) -> Choices:
        return ((name, command.help) for name, command in table.items()) if len(words) == 1 else ()

    return Command("help", "[command]", "this list, or one command", run, choices=choices, aliases=("h", "?"))


def _quit(talk: Talk, text: str) -> None:
    raise Leave


QUIT = Command("quit", "", "leave; Ctrl-D does too", _quit, aliases=("q", "exit", "bye"))
