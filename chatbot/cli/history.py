"""`chatbot history`: the conversations kept -> lines or JSON on stdout."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from chatbot.cli.group import Group
from chatbot.cli.history_changes import backup, delete, rename
from chatbot.cli.history_export import export
from chatbot.cli.history_filters import filter_options
from chatbot.cli.history_forget import forget
from chatbot.cli.history_import import import_
from chatbot.cli.history_search import search
from chatbot.cli.history_stats import stats
from chatbot.cli.options import database_option, json_option
from chatbot.cli.pager import pager_option, print_lines

if TYPE_CHECKING:
    from chatbot.store.filters import Filter
    from chatbot.store.history import History
    from chatbot.store.records import Conversation


@click.group(cls=Group)
def command() -> None:
    """The conversations kept: list, show, search, count, export, import, rename, delete, forget, back up."""


for one in (search, stats, export, import_, rename, delete, forget, backup):
    command.add_command(one)


@command.command("list")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, metavar="N", help="at most N")
@filter_options
@json_option
@pager_option
@database_option
def list_(limit: int, wanted: Filter, as_json: bool, no_pager: bool, database: str | None) -> None:
    """List the conversations kept, those talked in last first."""
    from chatbot.cli.history_fields import conversation_fields
    from chatbot.cli.output import print_json
    from chatbot.store.history import History
    from chatbot.store.selecting import selected

    with History.open(database) as history:
        found = selected(history, wanted, limit + 1)
    if as_json:
        print_json([conversation_fields(one) for one in found[:limit]])
    else:
        print_lines(table(found[:limit]), no_pager)
    if not found and wanted.empty:
        click.echo("no conversations yet; start one with: chatbot", err=True)
    elif not found:
        click.echo("no conversation is like that", err=True)
    elif len(found) > limit:
        click.echo(f"there are more; show them with: chatbot history list --limit {2 * limit}", err=True)


@command.command()
@click.argument("conversation", metavar="ID")
@click.option("--all-branches", is_flag=True, help="what was undone and retried, too; '*' marks what stands")
@json_option
@pager_option
@database_option
def show(conversation: str, all_branches: bool, as_json: bool, no_pager: bool, database: str | None) -> None:
    """Show the conversation of the number ID, as `list` gives it; "last" is the one talked in last."""
    from chatbot.cli.history_fields import transcript_fields
    from chatbot.cli.output import print_json
    from chatbot.store.history import History
    from chatbot.store.transcripts import branch_lines, path_lines

    with History.open(database) as history:
        transcript = history.show(number_of(conversation, history))
    if as_json:
        print_json(transcript_fields(transcript, all_branches))
        return
    print_lines(branch_lines(transcript) if all_branches else path_lines(transcript), no_pager)


def number_of(conversation: str, history: History) -> int:
    """The number that an ID means."""
    from chatbot.errors import StoreError, UsageError

    if conversation == "last":
        latest = history.latest()
        if latest is None:
            raise StoreError("no conversations yet; start one with: chatbot")
        return latest
    if not (conversation.isdecimal() and conversation.isascii() and len(conversation) < 19):
        raise UsageError(
            f"ID must be a number that chatbot history list shows, or 'last', but received {conversation!r}"
        )
    return int(conversation)


def numbers_of(conversations: Sequence[str], wanted: Filter, history: History) -> list[int]:
    """The numbers that IDs mean, or else those of the conversations that the filter lets through."""
    from chatbot.errors import UsageError
    from chatbot.store.selecting import selected_numbers

    if conversations and not wanted.empty:
        raise UsageError("say which conversations by numbers or by options, not by both")
    named = list(dict.fromkeys(number_of(one, history) for one in conversations))
    return named or selected_numbers(history, wanted)


def table(conversations: list[Conversation]) -> Iterator[str]:
    """Aligned lines: number, time of the last turn, turns, model, title."""
    from chatbot.store.transcripts import local
    from chatbot.terminal import one_line

    rows = [
        (str(one.id), local(one.updated_at), str(one.turns), one_line(one.model or "-"), one_line(one.title))
        for one in conversations
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(4)] if rows else []
    for number, when, turns, model, title in rows:
        yield f"{number:>{widths[0]}}  {when}  {turns:>{widths[2]}}  {model:<{widths[3]}}  {title}"
