"""`chatbot history export`: conversations kept -> lines on stdout, or a file."""

from __future__ import annotations

from pathlib import Path

import click

from chatbot.cli.options import database_option

KINDS = ("jsonl", "markdown", "text", "corpus")


@click.command("export")
@click.argument("conversations", metavar="[ID]...", nargs=-1)
@click.option("--as", "kind", type=click.Choice(KINDS), default="jsonl", show_default=True, help="how they are written")
@click.option(
    "--output", "-o", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="a file; stdout without it"
)
@click.option("--overwrite", is_flag=True, help="replace a file that is there")
@database_option
def export(
    conversations: tuple[str, ...], kind: str, output: Path | None, overwrite: bool, database: str | None
) -> None:
    """Write the conversations of these numbers, or all of them; "last" is the one talked in last.

    jsonl loses nothing and can be imported; markdown and text are for people. corpus is what
    `chatbot prepare --format jsonl` learns from: corrections replace the replies they correct, and replies that were
    rated bad (1 or 2) or stopped are left out.
    """
    from chatbot.cli.history import number_of
    from chatbot.store.exporting import export_lines, write_export
    from chatbot.store.history import History
    from chatbot.terminal import one_line

    with History.open(database) as history:
        numbers = list(dict.fromkeys(number_of(one, history) for one in conversations)) or history.numbers()
        if output is None:
            for line in export_lines(history, numbers, kind):
                click.echo(line)
            return
        write_export(history, numbers, kind, output, overwrite)
    plural = "s" if len(numbers) != 1 else ""
    click.echo(f"wrote {len(numbers)} conversation{plural} to {one_line(str(output))}", err=True)
