"""`chatbot history`: the conversations kept -> lines or JSON on stdout."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from chatbot.cli.group import Group
from chatbot.cli.history_files import export, import_
from chatbot.cli.history_search import search
from chatbot.cli.options import database_option, json_option

if TYPE_CHECKING:
    from chatbot.store.history import History
    from chatbot.store.records import Annotation, Conversation, StoredReply, StoredTurn, Transcript


@click.group(cls=Group)
def command() -> None:
    """List, show, search, export and import the conversations kept."""


command.add_command(search)
command.add_command(export)
command.add_command(import_)


@command.command("list")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, metavar="N", help="at most N")
@json_option
@database_option
def list_(limit: int, as_json: bool, database: str | None) -> None:
    """List the conversations kept, those talked in last first."""
    from chatbot.cli.output import print_json
    from chatbot.store.history import History

    with History.open(database) as history:
        found = history.list_conversations(limit + 1)
    if as_json:
        print_json([conversation_fields(one) for one in found[:limit]])
    else:
        for line in table(found[:limit]):
            click.echo(line)
    if not found:
        click.echo("no conversations yet; start one with: chatbot", err=True)
    elif len(found) > limit:
        click.echo(f"there are more; show them with: chatbot history list --limit {2 * limit}", err=True)


@command.command()
@click.argument("conversation", metavar="ID")
@click.option("--all-branches", is_flag=True, help="what was undone and retried, too; '*' marks what stands")
@json_option
@database_option
def show(conversation: str, all_branches: bool, as_json: bool, database: str | None) -> None:
    """Show the conversation of the number ID, as `list` gives it; "last" is the one talked in last."""
    from chatbot.cli.output import print_json
    from chatbot.store.history import History
    from chatbot.store.transcripts import branch_lines, path_lines

    with History.open(database) as history:
        transcript = history.show(number_of(conversation, history))
    if as_json:
        print_json(transcript_fields(transcript, all_branches))
        return
    for line in branch_lines(transcript) if all_branches else path_lines(transcript):
        click.echo(line)


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


def conversation_fields(conversation: Conversation) -> dict[str, Any]:
    """A conversation as JSON."""
    from dataclasses import asdict

    return {name: plain(value) for name, value in asdict(conversation).items()}


def transcript_fields(transcript: Transcript, all_branches: bool) -> dict[str, Any]:
    """A conversation with its turns as JSON; each turn with the reply that stands, or with all replies."""
    fields = conversation_fields(transcript.conversation)
    fields["annotations"] = [annotation_fields(one) for one in transcript.annotations]
    standing = {step.turn.id: step.reply for step in transcript.path}
    if not all_branches:
        turns = [{**turn_fields(s.turn), "reply": reply_fields(s.reply) if s.reply else None} for s in transcript.path]
        return {**fields, "turns": turns}
    leaf = [{"turn": turn, "reply": reply.id if reply else None} for turn, reply in standing.items()]
    replies = [
        {**turn_fields(turn), "replies": [reply_fields(one) for one in turn.replies]} for turn in transcript.turns
    ]
    return {**fields, "turns": replies, "path": leaf}


def annotation_fields(annotation: Annotation) -> dict[str, Any]:
    """What was said about the conversation, or about a turn or reply of it, as JSON."""
    from dataclasses import asdict

    return {name: plain(value) for name, value in asdict(annotation).items() if name != "conversation_id"}


def turn_fields(turn: StoredTurn) -> dict[str, Any]:
    """A turn as JSON, without its replies."""
    return {
        "id": turn.id,
        "parent_reply_id": turn.parent_reply_id,
        "text": turn.text,
        "created_at": plain(turn.created_at),
    }


def reply_fields(reply: StoredReply) -> dict[str, Any]:
    """A reply and its receipt as JSON."""
    from dataclasses import asdict

    return {name: plain(value) for name, value in asdict(reply).items() if name != "turn_id"}


def plain(value: Any) -> Any:
    """What JSON can hold: times as ISO 8601 in UTC, numbers that are none as null."""
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value.isoformat() if hasattr(value, "isoformat") else value
