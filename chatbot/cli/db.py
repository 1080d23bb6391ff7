"""`chatbot db`: where the history database is, and whether it is well."""

from __future__ import annotations

from pathlib import Path

import click

from chatbot.cli.group import Group
from chatbot.cli.options import database_option


@click.group(cls=Group)
def command() -> None:
    """Locate, upgrade, check and restore the history database."""


@command.command()
@database_option
def path(database: str | None) -> None:
    """Print where conversations are kept, whether or not anything is there."""
    from chatbot.store.location import locate
    from chatbot.terminal import one_line

    click.echo(one_line(locate(database).shown))


@command.command()
@database_option
def upgrade(database: str | None) -> None:
    """Make the database, or bring it up to date; other commands do so by themselves.

    A database with conversations is copied beside itself first.
    """
    from chatbot.store.history import History
    from chatbot.store.schema import HEAD
    from chatbot.terminal import one_line

    with History.open(database) as history:
        shown, before = one_line(history.location.shown), history.opened_at
    if before == HEAD:
        click.echo(f"{shown}: at revision {HEAD}, nothing to do")
    elif before is None:
        click.echo(f"{shown}: made at revision {HEAD}")
    else:
        click.echo(f"{shown}: upgraded from revision {before} to {HEAD}")


@command.command()
@database_option
def check(database: str | None) -> None:
    """Look for damage in the database, without changing it; exit code 1 where there is any."""
    from chatbot.store.health import health
    from chatbot.terminal import one_line

    for line in health(database):
        click.echo(one_line(line))


@command.command()
@click.argument("backup", type=click.Path(path_type=Path), metavar="BACKUP")
@database_option
def restore(backup: Path, database: str | None) -> None:
    """Put a backup in the place of the database; what was there is kept beside it under another name."""
    from chatbot.store.location import locate
    from chatbot.store.restoring import restore as restored
    from chatbot.terminal import one_line

    moved = restored(backup, database)
    click.echo(f"{one_line(locate(database).shown)}: restored from {one_line(str(backup))}")
    for file in moved:
        click.echo(f"what was there is now {one_line(str(file))}")
