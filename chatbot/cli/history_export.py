"""`chatbot history export`: conversations kept -> lines on stdout, or a file."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chatbot.cli.history_filters import filter_options
from chatbot.cli.options import database_option, json_option
from chatbot.cli.pager import pager_option, print_lines

if TYPE_CHECKING:
    from chatbot.store.filters import Filter
    from chatbot.store.history import History

KINDS = ("jsonl", "markdown", "html", "openai", "csv", "text", "corpus")  # of chatbot.store.exporting
# Formats that folders below store/ write: name -> (module, function, suffix); the function takes the history and the
# numbers of the conversations, and yields lines.
PLUGGED = {"script": ("chatbot.cli.history_script", "script_lines", ".dialogue.yaml")}


@click.command("export")
@click.argument("conversations", metavar="[ID]...", nargs=-1)
@click.option(
    "--as", "kind", type=click.Choice((*KINDS, *PLUGGED)), help="the format; without it what FILE ends in, else jsonl"
)
@click.option(
    "--output", "-o", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="a file; stdout without it"
)
@click.option("--overwrite", is_flag=True, help="replace a file that is there")
@click.option("--bare", is_flag=True, help="only what can be seen: no records in markdown, html and openai")
@click.option("--schema", is_flag=True, help="print the JSON Schema of a line of jsonl, and nothing else")
@filter_options
@json_option
@pager_option
@database_option
def export(
    conversations: tuple[str, ...],
    kind: str | None,
    output: Path | None,
    overwrite: bool,
    bare: bool,
    schema: bool,
    wanted: Filter,
    as_json: bool,
    no_pager: bool,
    database: str | None,
) -> None:
    """Write the conversations of these numbers, or all that the options let through; "last" is the one talked in last.

    \b
    jsonl     a record on each line; loses nothing (see --schema)
    markdown  to be read; the records stand in comments, so that an import loses nothing
    html      one page for any browser, offline too; with the records, as above
    openai    {"messages": [...]} on each line, with the records as "chatbot"
    csv       a row for each turn, reply and note; an import gets back all but the receipts of the replies
    text      to be read; an import gets back the words of the branch that stands
    corpus    to learn from by `chatbot prepare --format jsonl`, not to import
    script    to be held again and checked by `chatbot test`, not to import

    Records hold undone turns and other branches, too: --bare leaves them out of what you give away. corpus puts
    corrections in place of the replies they correct, and leaves out replies that were stopped or rated bad (1 or 2).
    --json prints what was written to FILE.
    """
    from chatbot.cli.history import numbers_of
    from chatbot.cli.output import print_json
    from chatbot.errors import UsageError
    from chatbot.store.exporting import export_lines, format_of, write_export
    from chatbot.store.history import History
    from chatbot.terminal import one_line

    if schema:
        print_lines([_schema()], no_pager)
        return
    if as_json and output is None:
        raise UsageError("--json tells what was written to a file; name one with --output FILE")
    _plug_in()
    kind = kind or (format_of(output) if output else "jsonl")
    with History.open(database) as history:
        numbers = numbers_of(conversations, wanted, history)
        if output is None:
            print_lines(export_lines(history, numbers, kind, bare), no_pager)
            return
        write_export(history, numbers, kind, output, overwrite, bare)
    if as_json:
        print_json({"file": str(output), "format": kind, "conversations": numbers, "bytes": output.stat().st_size})
        return
    plural = "s" if len(numbers) != 1 else ""
    click.echo(f"wrote {len(numbers)} conversation{plural} to {one_line(str(output))}", err=True)


def _schema() -> str:
    from importlib.resources import files

    return (files("chatbot.store.formats") / "conversation.schema.json").read_text(encoding="utf-8").rstrip("\n")


def _plug_in() -> None:
    """Let the formats of other folders be known to the store."""
    from chatbot.store.exporting import FORMATS, NOTHING, Format

    for name, (module, function, suffix) in PLUGGED.items():
        FORMATS[name] = Format(_ignoring_bare(getattr(importlib.import_module(module), function)), NOTHING, suffix)


def _ignoring_bare(lines: Callable[[History, Sequence[int]], Iterator[str]]) -> Callable[..., Iterator[str]]:
    return lambda history, numbers, bare: lines(history, numbers)
