"""`chatbot evaluate`: a model and a dataset or corpus -> the measures, as a table or JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from chatbot.cli.options import decoding_options, json_option

SPLITS = ("train", "validation", "test")


@click.command()
@click.argument("model")
@click.argument("data", type=click.Path(path_type=Path))
@click.option("--split", type=click.Choice(SPLITS), help="part of a prepared dataset  [default: validation]")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="score at most N exchanges, evenly spread")
@click.option(
    "--prompts",
    type=click.IntRange(min=1),
    default=500,
    show_default=True,
    metavar="N",
    help="exchanges whose contexts the model replies to",
)
@click.option("--no-replies", is_flag=True, help="generate no replies, only score the human ones")
@json_option
@decoding_options
def command(
    model: str,
    data: Path,
    split: str | None,
    limit: int | None,
    prompts: int,
    no_replies: bool,
    as_json: bool,
    decoding: dict[str, Any],
) -> None:
    """Measure MODEL on DATA, a dataset made by `chatbot prepare` or a raw Cornell corpus (then all of it).

    MODEL is a shipped name, a run, or a bundle folder. Replies are generated with the model's own settings where no
    option says otherwise.
    """
    from chatbot.inference.threads import use_one_thread

    use_one_thread()
    from chatbot.cli.evaluation import measure
    from chatbot.cli.output import print_json

    measured = measure(model, data, split, limit, 0 if no_replies else prompts, decoding)
    if as_json:
        print_json(measured.as_dict())
    else:
        click.echo(measured.table())
