"""Command groups: commands imported only when they are called, and a suggestion for a name that does not exist."""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from typing import Any

import click

from chatbot.settings import suggest

GLOBAL_OPTIONS = ("--help", "-h", "--version", "--debug")
EXTRA = re.compile(r"Got unexpected extra arguments? \((\w+)")  # click's own words
LONGEST = 1000  # characters of a sentence of help


class Group(click.Group):
    """A click group that answers an unknown command with the nearest one; use as `@click.group(cls=Group)`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Show the help where no command is named."""
        if not args and not ctx.resilient_parsing:
            click.echo(ctx.get_help(), err=True)
            ctx.exit(2)
        return super().parse_args(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List each command with the first sentence of its help, whole."""
        found = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, one.get_short_help_str(LONGEST)) for name, one in found if one])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that `args` begins with."""
        if not ctx.resilient_parsing and args[0] not in self.list_commands(ctx):
            raise click.UsageError(f"unknown command {args[0]!r}; {suggest(args[0], self.list_commands(ctx))}", ctx)
        return super().resolve_command(ctx, args)


class LazyGroup(Group):
    """The top group: a table name -> (module, short help), and a default command for a line that names none."""

    def __init__(self, table: Mapping[str, tuple[str, str]], default: str, **settings: Any) -> None:
        super().__init__(**settings)
        self.table = table
        self.default = default

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the default command in where the line begins with one of its options, or is empty."""
        own = 0
        while own < len(args) and args[own] == "--debug":
            own += 1
        rest = args[own:]
        if not ctx.resilient_parsing and (not rest or (rest[0].startswith("-") and rest[0] not in GLOBAL_OPTIONS)):
            args = [*args[:own], self.default, *rest]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; where options were typed before its name, say that they go after it."""
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            extra = EXTRA.match(error.message)
            if extra is None or extra[1] not in self.table or ctx.invoked_subcommand != self.default:
                raise
            raise click.UsageError(f"options go after the command: chatbot {extra[1]} ... --option", ctx) from error

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the table's order."""
        return list(self.table)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import one command: the attribute `command` of its module."""
        if name not in self.table:
            return None
        command = importlib.import_module(self.table[name][0]).command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table alone, so that --help imports none."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, help) for name, (_, help) in self.table.items()])
