"""What a command is, and a line -> the command it means. One table yields dispatch, help and completion."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from chatbot.errors import UsageError
from chatbot.repl.talk import Talk, Work
from chatbot.settings import suggest

Choices = Iterable[tuple[str, str]]  # (what can be typed here, what it means)


class Leave(Exception):
    """The person wants to go."""


def always(talk: Talk) -> str | None:
    """For a command that can always work."""
    return None


def nothing(talk: Talk, words: list[str]) -> Choices:
    """For a command whose arguments cannot be completed."""
    return ()


@dataclass(frozen=True, slots=True)
class Command:
    """`run` gets the text after the name. `prevented` says why it cannot work now. `choices` complete the last word."""

    name: str
    usage: str
    help: str
    run: Callable[[Talk, str], Work | None]
    prevented: Callable[[Talk], str | None] = always
    choices: Callable[[Talk, list[str]], Choices] = nothing
    aliases: tuple[str, ...] = ()

    @property
    def spelled(self) -> str:
        """The command as it is typed, with its arguments."""
        return f"/{self.name} {self.usage}".rstrip()


Table = Mapping[str, Command]


def is_command(line: str) -> bool:
    """A line that starts with one slash; a second one escapes it."""
    return line.startswith("/") and not line.startswith("//")


def find(table: Table, name: str) -> Command:
    """The command of that name or alias; `UsageError` with the nearest ones otherwise."""
    wanted = name.removeprefix("/").lower()
    for command in table.values():
        if wanted == command.name or wanted in command.aliases:
            return command
    near = suggest(wanted, table)
    hint = near.replace("'", "'/", 1) if near.startswith("did") else f"type /help for a list, or //{wanted} to say it"
    raise UsageError(f"unknown command '/{wanted}'; {hint}")


MEANT = {"quit": "/quit leaves.", "exit": "/quit leaves.", "help": "/help lists what can be typed besides talk."}


def handle(table: Table, talk: Talk, line: str) -> Work | None:
    """Do what a line says: run its command, or hand out the work of answering it."""
    text = line.strip()
    if not is_command(text):
        if hint := MEANT.get(text.lower()):
            talk.view.note(f"({hint})")
        return talk.say(text.removeprefix("/") if text.startswith("//") else text)
    name, _, rest = text.partition(" ")
    command = find(table, name)
    if why := command.prevented(talk):
        raise UsageError(f"/{command.name} cannot work now: {why}")
    if rest.strip() and not command.usage:
        raise UsageError(f"/{command.name} takes no argument, but received {rest.strip()!r}")
    return command.run(talk, rest.strip())
