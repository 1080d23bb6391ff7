"""chatbot prepare: raw corpus -> prepared dataset."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(name="prepare")
@click.argument("source", metavar="SRC", type=click.Path(path_type=Path))
@click.option("--output", required=True, type=click.Path(path_type=Path))
def command(source: Path, output: Path) -> None:
    """Turn a raw corpus into a prepared dataset."""
    from chatbot.corpus.cornell import read_cornell
    from chatbot.corpus.counts import Counts
    from chatbot.data.prepare import PrepareSettings, prepare
    from chatbot.files import folder_atomically

    counts = Counts()
    with folder_atomically(output) as folder:
        info = prepare(read_cornell(source, counts), folder, "cornell", PrepareSettings(), counts)
    import json

    click.echo(json.dumps({k: v for k, v in info.items() if k != "splits"}, indent=1))
