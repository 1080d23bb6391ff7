"""`chatbot models`: the models there are, what each one is, a smaller copy of one; and to give and to get them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chatbot.cli.group import Group
from chatbot.cli.models_pack import index, pack
from chatbot.cli.models_pull import index_option, offered_models, pull, remove
from chatbot.cli.options import decoding_options, json_option

if TYPE_CHECKING:
    from chatbot.bundle.folder import BundleFiles

SHORT = 12  # characters of a fingerprint in a table


@click.group(cls=Group)
def command() -> None:
    """The models there are: list, show, export; pack one to give it away, pull one, remove it."""


for one in (pull, remove, pack, index):
    command.add_command(one)


@command.command("list")
@click.option("--available", is_flag=True, help="those of the index, which `chatbot models pull NAME` installs")
@index_option
@json_option
def list_command(available: bool, index: str | None, as_json: bool) -> None:
    """List the shipped models and those in CHATBOT_HOME/models."""
    from chatbot.bundle.locate import HOW_TO_TRAIN, list_models
    from chatbot.cli.output import print_json

    if available:
        _list_available(index, as_json)
        return
    found = [{**_described(place.path), "name": place.name, "shipped": place.shipped} for place in list_models()]
    if as_json:
        print_json(found)
    elif found:
        _print_table(found)
    else:
        click.echo(f"no model is installed; {HOW_TO_TRAIN}", err=True)


@command.command()
@click.argument("name", required=False)
@json_option
def show(name: str | None, as_json: bool) -> None:
    """Show a model's facts and its card.

    NAME is that of a shipped model, a run or a bundle folder; without it, the model that `chatbot` talks with.
    """
    from chatbot.bundle.folder import read_files
    from chatbot.bundle.locate import find_model
    from chatbot.cli.options import chosen_model
    from chatbot.cli.output import print_json
    from chatbot.terminal import visible

    files = read_files(find_model(chosen_model(name)))
    known = facts(files)
    if as_json:
        print_json({**known, "training": files.config.training, "card": files.card})
        return
    for key, value in known.items():
        shown = f"{value:,}" if type(value) is int else str(value)
        click.echo(f"{key:12} {visible(shown)}")
    if files.card:
        click.echo("\n" + visible(files.card.rstrip(), keep_newlines=True))


@command.command()
@click.argument("model")
@click.option("--output", required=True, type=click.Path(path_type=Path), help="the folder to write the bundle to")
@click.option("--dtype", default="int8", type=click.Choice(["int8", "float16", "float32"]), help="of the weights")
@click.option("--name", help="the new bundle's name; the old one's if not given")
@click.option("--overwrite", is_flag=True, help="replace a bundle that is there already")
@json_option
@partial(decoding_options, environment=False)
def export(
    model: str,
    output: Path,
    dtype: str,
    name: str | None,
    overwrite: bool,
    as_json: bool,
    decoding: dict[str, Any],
) -> None:
    """Write a copy of a model with its weights stored as --dtype (int8 unless told otherwise).

    MODEL is a shipped name, a run or a bundle folder. The copy is checked as it is when loaded. Settings such as
    --temperature become what the copy replies with where nothing else is said; those of the environment do not.
    """
    from chatbot.bundle.locate import find_model
    from chatbot.cli.output import print_json
    from chatbot.inference.requantise import requantise
    from chatbot.terminal import visible

    files = requantise(find_model(model), output, dtype, name, overwrite, decoding)
    if as_json:
        print_json(facts(files))
    else:
        size = f"{len(files.weights_bytes):,} bytes of weights"
        click.echo(f"wrote {visible(str(output))}: {visible(files.config.name)}, {dtype}, {size}, {files.fingerprint}")


def _described(path: Path) -> dict[str, Any]:
    """The facts of a listed bundle, or why it cannot be used."""
    from chatbot.bundle.folder import read_files
    from chatbot.errors import BundleError

    try:
        return facts(read_files(path))
    except BundleError as error:
        return {"path": str(path), "error": str(error)}


def facts(files: BundleFiles) -> dict[str, Any]:
    """What the tables and the JSON say of a bundle."""
    from chatbot.bundle.schema import count_parameters

    config = files.config
    return {
        "name": config.name,
        "task": config.task,
        "parameters": count_parameters(config.network),
        **({"ngrams": sum(config.ngram.types)} if config.ngram else {}),
        "dtype": config.weights_dtype,
        "bytes": len(files.config_bytes) + len(files.tokenizer_bytes) + len(files.weights_bytes),
        "fingerprint": files.fingerprint,
        "path": str(files.path),
    }


def _list_available(index: str | None, as_json: bool) -> None:
    from dataclasses import asdict

    from chatbot.cli.output import print_json

    offered = offered_models(index)
    if as_json:
        print_json({name: asdict(one) for name, one in offered.items()})
        return
    rows = [("name", "task", "size", "description")]
    for name, one in offered.items():
        size = "" if one.size is None else f"{one.size / 1e6:.1f} MB"
        rows.append((name, one.task, size, one.description))
    _print_rows(rows)


def _print_table(found: list[dict[str, Any]]) -> None:
    rows: list[tuple[str, ...]] = [("name", "task", "parameters", "dtype", "size", "fingerprint")]
    for one in found:
        if "error" in one:
            rows.append((one["name"], one["error"]))
        else:
            size = f"{one['bytes'] / 1e6:.1f} MB"
            facts = (one["task"], f"{one['parameters']:,}", one["dtype"], size, one["fingerprint"][:SHORT])
            rows.append((one["name"], *facts))
    _print_rows(rows)


def _print_rows(rows: Sequence[tuple[str, ...]]) -> None:
    """Aligned columns; a row that ends early has the rest of the line for its last text."""
    from chatbot.terminal import one_line

    shown = [[one_line(text) for text in row] for row in rows]
    whole = [row for row in shown if len(row) == len(shown[0])]
    widths = [max(len(row[column]) for row in whole) for column in range(len(shown[0]))]
    for row in shown:
        click.echo("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=False)).rstrip())
