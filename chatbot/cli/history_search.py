"""`chatbot history search`: words -> the places in the conversations kept that hold them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from chatbot.cli.history_filters import filter_options
from chatbot.cli.options import database_option, json_option
from chatbot.cli.pager import pager_option, print_lines

if TYPE_CHECKING:
    from chatbot.store.filters import Filter
    from chatbot.store.searching import Found

WHO = {"turn": "you", "reply": "bot"}


@click.command()
@click.argument("words", metavar="WORDS...", nargs=-1, required=True)
@click.option(
    "--limit", type=click.IntRange(1, 1_000_000), default=20, show_default=True, metavar="N", help="at most N"
)
@filter_options
@json_option
@pager_option
@database_option
def search(
    words: tuple[str, ...], limit: int, wanted: Filter, as_json: bool, no_pager: bool, database: str | None
) -> None:
    """Find the turns, replies, notes, translations and titles that hold all of the WORDS, the best first.

    Ranked are the latest 500 places of each kind, or N. Capitals and accents do not count. A word that ends in * stands
    for all that begin with it. Words of scripts that put no spaces between them are found anywhere in a text. --since,
    --until and --on look at when the words were said, the other options at the conversation.
    """
    from chatbot.cli.output import print_json
    from chatbot.store.history import History
    from chatbot.store.searching import search as found_in

    with History.open(database) as history:
        found = found_in(history, " ".join(words), limit, wanted)
    if as_json:
        print_json([_fields(one) for one in found])
    else:
        print_lines(_lines(found), no_pager)
    if not found:
        click.echo("nothing found", err=True)


def _fields(found: Found) -> dict[str, Any]:
    """A place as JSON; `hits` are (start, end) in `text`, which `snippet` shows in brackets."""
    return {
        **{name: getattr(found, name) for name in ("conversation_id", "title", "kind", "id", "snippet")},
        "text": found.part.text,
        "hits": found.part.hits,
        "created_at": found.created_at.isoformat(),
    }


def _lines(found: list[Found]) -> list[str]:
    """Number, time, who, and the part with its hits marked: bold on a terminal, in brackets elsewhere."""
    from chatbot.cli.pager import colours
    from chatbot.store.snippets import CLOSES, OPENS
    from chatbot.store.transcripts import local
    from chatbot.terminal import visible

    opens, closes = ("\x1b[1;33m", "\x1b[0m") if colours() else (OPENS, CLOSES)
    width = max((len(str(one.conversation_id)) for one in found), default=0)
    lines = []
    for one in found:
        pieces = one.part.pieces()
        said = "".join(f"{opens}{visible(text)}{closes}" if hit else visible(text) for text, hit in pieces)
        who = visible(WHO.get(one.kind, one.kind))
        lines.append(f"{one.conversation_id:>{width}}  {local(one.created_at)}  {who}: {said}")
    return lines
