"""`chatbot history import`: a file -> conversations kept."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chatbot.cli.options import database_option, json_option

if TYPE_CHECKING:
    from chatbot.store.history import History
    from chatbot.store.importing import Imported

KINDS = ("jsonl", "openai", "markdown", "html", "csv", "text")  # of chatbot.store.formats.files
MOST_ERRORS = 5  # bad lines that are shown


@click.command("import")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--format", "kind", type=click.Choice(KINDS), help="the format; without it the content tells")
@click.option("--all-or-nothing", "strict", is_flag=True, help="add nothing where anything is bad")
@json_option
@database_option
def import_(file: Path, kind: str | None, strict: bool, as_json: bool, database: str | None) -> None:
    """Add the conversations of FILE: what `chatbot history export` wrote (but corpus), or a chat of another program.

    A chat is {"messages": [{"role", "content"}]}, one on a line or all in a list, or of ChatGPT's conversations.json.
    FILE may be compressed (gzip); - is stdin. Conversations that are here already are left as they are. A bad line is
    reported, and the others are added; the exit code is then 1.
    """
    from chatbot.cli.output import print_json
    from chatbot.errors import StoreError
    from chatbot.store.history import History
    from chatbot.terminal import one_line

    with History.open(database) as history:
        outcome = _imported(history, file, strict, kind)
    if as_json:
        names = ("added", "known", "bad", "errors")
        print_json({name: getattr(outcome, name) for name in names})
    else:
        click.echo(outcome.summary)
    for line in outcome.errors[:MOST_ERRORS]:
        click.echo(f"chatbot: {one_line(line)}", err=True)
    if outcome.bad:
        hidden = f", of which {MOST_ERRORS} are shown (all: --json)" if outcome.bad > MOST_ERRORS else ""
        raise StoreError(f"{file}: lines left out: {outcome.bad}{hidden}")


def _imported(history: History, file: Path, strict: bool, kind: str | None) -> Imported:
    from chatbot.store.importing import import_file, import_open, spooled

    if str(file) != "-":
        return import_file(history, file, strict, kind)
    with spooled(sys.stdin.buffer) as copy:
        return import_open(history, copy, "stdin", strict, kind)
