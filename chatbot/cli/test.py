"""`chatbot test`: scripted dialogues -> what broke; exit code 0, or 3 where something did, or 2 where nothing ran."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from chatbot.cli.options import json_option


def _print_schema(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        from chatbot.scripts.schema import shipped_schema

        click.echo(shipped_schema(), nl=False)
        ctx.exit()


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path))
@click.option(
    "--model",
    "models",
    multiple=True,
    metavar="NAME",
    help="a shipped name, a run, or a bundle folder, in place of what the scripts name; several are compared",
)
@click.option(
    "--filter", "filter_", metavar="EXPR", help="dialogues whose names hold these words: 'greet and not slow'"
)
@click.option("--tags", metavar="EXPR", help="dialogues with these tags: 'manners or smoke', 'manners,smoke'")
@click.option("--failed", is_flag=True, help="only what broke last time; all, if nothing did")
@click.option(
    "--repeat", type=click.IntRange(1, 1000), default=1, metavar="N", help="run all N times, with other seeds"
)
@click.option("--update", is_flag=True, help="write what was said into the scripts, where it differs")
@click.option("--junit", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="write JUnit XML")
@click.option("--exit-first", "-x", is_flag=True, help="stop where the first dialogue breaks")
@click.option("--watch", is_flag=True, help="run again whenever a script changes, until Ctrl-C")
@click.option(
    "--schema",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_print_schema,
    help="print the JSON Schema of scripts, for editors",
)
@json_option
def command(
    paths: tuple[Path, ...],
    models: tuple[str, ...],
    filter_: str | None,
    tags: str | None,
    failed: bool,
    repeat: int,
    update: bool,
    junit: Path | None,
    exit_first: bool,
    watch: bool,
    as_json: bool,
) -> None:
    """Hold the scripted dialogues of files and folders with a model, and say what broke.

    In folders, *.dialogue.yaml, *.dialogue.yml and *.dialogue.txt are scripts. Settings and seeds come from the model
    and the scripts alone. Exit code 0: all that is expected holds; 3: something does not; 2: a script cannot be read
    or a model cannot be loaded.
    """
    from chatbot.inference.threads import use_one_thread

    use_one_thread()
    from chatbot.cli.testing import Output, run_once, watch_and_run
    from chatbot.scripts.testing import Wanted

    if update and (len(models) > 1 or repeat > 1):
        raise click.UsageError("--update takes one --model and no --repeat.")
    if watch and as_json:
        raise click.UsageError("--watch and --json exclude each other.")
    wanted = Wanted(tuple(dict.fromkeys(models)), filter_, tags, failed, repeat, exit_first)
    output = Output(as_json, junit, update)
    sys.exit(watch_and_run(paths, wanted, output) if watch else run_once(paths, wanted, output))
