"""`chatbot evaluate`: a model and a dataset or corpus -> the measures, as a table or JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from chatbot.cli.options import decoding_options, json_option

SPLITS = ("train", "validation", "test")


@click.command()
@click.argument("model")
@click.argument("data", nargs=-1, required=True, type=click.Path(path_type=Path))
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
@click.option(
    "--report",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="write a page with replies and curve: .html or .md",
)
@json_option
@decoding_options
def command(
    model: str,
    data: tuple[Path, ...],
    split: str | None,
    limit: int | None,
    prompts: int,
    no_replies: bool,
    report: Path | None,
    as_json: bool,
    decoding: dict[str, Any],
) -> None:
    """Measure MODEL on DATA, a dataset made by `chatbot prepare` or a raw corpus that it reads (then all of it).

    A translation model is measured by BLEU and chrF, on a dataset or on parallel text: a file of lines
    `source TAB target`, or two files. A language model is measured on a dataset by its perplexity, a tagger on a
    dataset or a file of tagged words by precision, recall and F1 of the names.
    MODEL is a shipped name, a run, or a bundle folder. Replies are generated with the model's own settings where no
    option says otherwise.
    """
    from chatbot.inference.threads import use_one_thread

    use_one_thread()
    from chatbot.bundle.folder import read_config
    from chatbot.bundle.locate import find_model
    from chatbot.cli.evaluation import measure
    from chatbot.cli.output import print_json
    from chatbot.errors import UsageError

    task = read_config(find_model(model)).task
    if len(data) > 2 or (len(data) == 2 and task != "translation"):
        raise UsageError(f"{len(data)} places given; expected one DATA, or two files of parallel text for a translator")
    if report is not None:
        if task != "dialogue":
            raise UsageError(f"--report: for dialogue models so far, but {model} is for {task}")
        from chatbot.cli.evaluation_page import check_page

        check_page(report)
    if task == "dialogue":
        measured: Any = measure(model, data[0], split, limit, 0 if no_replies else prompts, decoding)
    else:
        from chatbot.cli.side_evaluation import measure as measure_side

        measured = measure_side(task, model, data, split, limit, decoding)
    if report is not None:
        from chatbot.cli.evaluation_page import write_page

        write_page(report, measured, Path(model))
    if as_json:
        print_json(measured.as_dict())
    else:
        click.echo(measured.table())
