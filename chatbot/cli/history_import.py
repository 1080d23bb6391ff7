"""`chatbot history import`: a file -> conversations kept."""

from __future__ import annotations

from pathlib import Path

import click

from chatbot.cli.options import database_option

MOST_ERRORS = 20  # bad lines that are shown


@click.command("import")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--strict", is_flag=True, help="add nothing where a line is bad")
@database_option
def import_(file: Path, strict: bool, database: str | None) -> None:
    """Add the conversations of FILE, which `chatbot history export` wrote (.jsonl or .jsonl.gz).

    Those that are here already are left as they are. A bad line is reported, and the others are added.
    """
    from chatbot.errors import StoreError
    from chatbot.store.history import History
    from chatbot.store.importing import import_file
    from chatbot.terminal import one_line

    with History.open(database) as history:
        outcome = import_file(history, file, strict)
    click.echo(outcome.summary)
    for line in outcome.errors[:MOST_ERRORS]:
        click.echo(f"chatbot: {one_line(line)}", err=True)
    if outcome.errors:
        raise StoreError(f"{file}: lines left out: {len(outcome.errors)}")
