"""`chatbot prepare`: raw corpus files -> a prepared dataset, and an audit of what was done to them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from chatbot.cli.options import SettingType, json_option
from chatbot.data.settings import PrepareSettings
from chatbot.settings import fields_of

Function = Callable[..., Any]


def settings_options(function: Function) -> Function:
    """Add an option for each field of `PrepareSettings`."""
    for name, one in reversed(fields_of(PrepareSettings).items()):
        flag = isinstance(one.default, bool)
        function = click.option(
            f"--{name.replace('_', '-')}",
            name,
            type=None if flag else SettingType(PrepareSettings, name),
            is_flag=flag,
            default=one.default,
            show_default=not flag,
            help=one.metadata["help"],
        )(function)
    return function


@click.command()
@click.argument("source", metavar="SRC", type=click.Path(path_type=Path))
@click.option("--output", "-o", metavar="DIR", type=click.Path(path_type=Path), required=True, help="the dataset")
@click.option("--format", "format_", type=click.Choice(["cornell", "jsonl"]), default="cornell", help="of the corpus")
@settings_options
@click.option("--overwrite", is_flag=True, help="replace a dataset that is there")
@json_option
def command(source: Path, output: Path, format_: str, overwrite: bool, as_json: bool, **settings: Any) -> None:
    """Turn the raw corpus SRC into a dataset that `chatbot train` learns from.

    SRC is a folder with the files of the Cornell Movie-Dialogs Corpus (plain, .xz or .gz), or the .zip they come in;
    with --format jsonl, a file of what `chatbot history export --as corpus` writes, or a folder with some (*.jsonl).
    Text is read as UTF-8 where a line is valid, else as cp1252, with latin-1 for the bytes that cp1252 leaves
    undefined. Every neighbouring pair of utterances is an exchange; movies go to train, validation or test as a whole.
    """
    from chatbot.cli.prepare_view import following, print_audit
    from chatbot.corpus.counts import Counts
    from chatbot.corpus.formats import READERS
    from chatbot.data.folder import dataset_folder
    from chatbot.data.prepare import prepare

    counts = Counts()
    with dataset_folder(output, overwrite) as folder, following() as progress:
        conversations = READERS[format_](source, counts, progress)
        info = prepare(conversations, folder, format_, PrepareSettings(**settings), counts, progress)
    if as_json:
        from chatbot.cli.output import print_json

        print_json({"path": str(output), **info})
    else:
        print_audit(output, info)
