"""`chatbot models pack` and `index`: a model -> one file to give away; a folder of such files -> their index."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from chatbot.cli.options import json_option
from chatbot.terminal import visible


@click.command()
@click.argument("model")
@click.option("--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="the archive to write")
@click.option("--overwrite", is_flag=True, help="replace a file that is there already")
@json_option
def pack(model: str, output: Path, overwrite: bool, as_json: bool) -> None:
    """Write a model as one file, which `chatbot models pull` installs.

    MODEL is a shipped name, a run or a bundle folder; make it small first with `chatbot models export`. The same model
    is the same bytes on any machine. --json prints what an index says of it.
    """
    from chatbot.bundle.archive import write_archive
    from chatbot.bundle.folder import read_files
    from chatbot.bundle.index import entry_of
    from chatbot.bundle.loading import bundle_of
    from chatbot.bundle.locate import find_model
    from chatbot.cli.output import check_new, print_json
    from chatbot.inference.loading import check

    check_new(output, overwrite)
    files = read_files(find_model(model))
    bundle = bundle_of(files)
    check(bundle.weights, bundle.config, bundle.tokenizer)
    write_archive(files, output)
    entry = entry_of(files, output, output.name)
    if as_json:
        print_json({files.config.name: entry})
    else:
        click.echo(f"wrote {visible(str(output))}: {_line(files.config.name, entry)}")


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@json_option
def index(folder: Path, as_json: bool) -> None:
    """Write index.json of all packed models (*.tar) in FOLDER, from which `chatbot models pull NAME` installs."""
    from chatbot.bundle.index import INDEX_FILE, write_index
    from chatbot.cli.output import print_json

    found = write_index(folder)
    if as_json:
        print_json(found)
        return
    for name, entry in found.items():
        click.echo(_line(name, entry))
    click.echo(f"wrote {visible(str(folder / INDEX_FILE))}", err=True)


def _line(name: str, entry: dict[str, Any]) -> str:
    return f"{visible(name)}, {entry['task']}, {entry['size']:,} bytes, sha256 {entry['sha256']}"
