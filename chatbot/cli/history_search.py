"""`chatbot history search`: words -> the places in the conversations kept that hold them."""

from __future__ import annotations

import click

from chatbot.cli.options import database_option, json_option

WHO = {"turn": "you", "reply": "bot"}


@click.command()
@click.argument("words", metavar="WORDS...", nargs=-1, required=True)
@click.option(
    "--limit", type=click.IntRange(1, 1_000_000), default=20, show_default=True, metavar="N", help="at most N"
)
@json_option
@database_option
def search(words: tuple[str, ...], limit: int, as_json: bool, database: str | None) -> None:
    """Find the turns, replies and notes that hold all of the WORDS, the best first.

    Capitals and accents do not count. A word that ends in * stands for all that begin with it.
    """
    from dataclasses import asdict

    from chatbot.cli.output import print_json
    from chatbot.store.history import History
    from chatbot.store.searching import search as found_in
    from chatbot.store.transcripts import local
    from chatbot.terminal import one_line

    with History.open(database) as history:
        found = found_in(history, " ".join(words), limit)
    if as_json:
        print_json([{**asdict(one), "created_at": one.created_at.isoformat()} for one in found])
        return
    width = max((len(str(one.conversation_id)) for one in found), default=0)
    for one in found:
        said = one_line(f"{WHO.get(one.kind, one.kind)}: {one.snippet}")
        click.echo(f"{one.conversation_id:>{width}}  {local(one.created_at)}  {said}")
    if not found:
        click.echo("nothing found", err=True)
