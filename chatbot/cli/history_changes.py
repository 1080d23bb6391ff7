"""`chatbot history rename`, `delete` and `backup`: the conversations kept, otherwise or no more."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from chatbot.cli.confirming import confirm, yes_option
from chatbot.cli.history_filters import filter_options
from chatbot.cli.options import database_option, json_option

if TYPE_CHECKING:
    from chatbot.store.filters import Filter


@click.command()
@click.argument("conversation", metavar="ID")
@click.argument("title")
@json_option
@database_option
def rename(conversation: str, title: str, as_json: bool, database: str | None) -> None:
    """Give the conversation of the number ID another TITLE; "last" is the one talked in last."""
    from chatbot.cli.history import number_of
    from chatbot.cli.output import print_json
    from chatbot.errors import UsageError
    from chatbot.store.history import History
    from chatbot.terminal import one_line

    if not title.strip():
        raise UsageError("a title needs a word; expected chatbot history rename ID TITLE")
    with History.open(database) as history:
        number = number_of(conversation, history)
        kept = history.rename(number, title)
    if as_json:
        print_json({"id": number, "title": kept})
    else:
        click.echo(f"conversation {number} is now: {one_line(kept)}")


@click.command()
@click.argument("conversations", metavar="[ID]...", nargs=-1)
@filter_options
@yes_option
@json_option
@database_option
def delete(conversations: tuple[str, ...], wanted: Filter, yes: bool, as_json: bool, database: str | None) -> None:
    """Delete the conversations of these numbers, or those that the options let through.

    All that was said in them and about them goes. Only a backup brings them back: chatbot history backup FILE, before.
    Deleted text may stay in unused parts of the database's file, until they are written over: chatbot history forget
    sees to that, too.
    """
    from chatbot.cli.history import numbers_of
    from chatbot.cli.output import print_json
    from chatbot.errors import StoreError, UsageError
    from chatbot.store.deleting import count_turns, delete_conversations
    from chatbot.store.history import History

    if not conversations and wanted.empty:
        raise UsageError('say which conversations: by numbers, or by options such as --until "last month"')
    with History.open(database) as history:
        numbers = numbers_of(conversations, wanted, history)
        turns = count_turns(history, numbers)
        what = f"{counted(len(numbers), 'conversation')} with {counted(turns, 'turn')}"
        if not numbers:
            raise StoreError("no conversation is like that; nothing was deleted")
        undo = "only a backup made before (chatbot history backup FILE) brings back what is deleted."
        confirm(f"This deletes {what}; {undo}", yes)
        delete_conversations(history, numbers)
    if as_json:
        print_json({"deleted": numbers, "turns": turns})
    else:
        click.echo(f"deleted {what}")


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@json_option
@database_option
def backup(file: Path, as_json: bool, database: str | None) -> None:
    """Copy the whole database to the new FILE, while it may be in use; a file that is there is kept.

    Go back to it with --database FILE, or put it in the place that `chatbot db path` prints.
    """
    from chatbot.cli.output import print_json
    from chatbot.store.backups import back_up
    from chatbot.store.history import History
    from chatbot.terminal import one_line

    with History.open(database) as history:
        size = back_up(history, file)
        conversations = len(history.numbers())
    if as_json:
        print_json({"file": str(file), "bytes": size, "conversations": conversations})
    else:
        click.echo(f"copied {counted(conversations, 'conversation')}, {size:,} bytes, to {one_line(str(file))}")


def counted(count: int, what: str) -> str:
    """A number of things, such as "1 reply" or "2 replies"."""
    many = what[:-1] + "ies" if what.endswith("y") else what + "s"
    return f"{count:,} {what if count == 1 else many}"
