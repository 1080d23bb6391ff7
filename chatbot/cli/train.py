"""`chatbot train`: a prepared dataset -> a run's folder with a bundle."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from chatbot.cli.options import Within


@dataclass(frozen=True, slots=True)
class Asked:
    """The arguments and options of a training, as they were given."""

    data: Path
    output: Path
    recipe: str | None
    minutes: float | None
    epochs: int | None
    seed: int | None
    head: str | None
    vectors: Path | None
    warm_start: str | None
    gates: tuple[Path, ...]
    workers: int | None
    resume: bool
    overwrite: bool


@click.command()
@click.argument("data", type=click.Path(path_type=Path))
@click.option("--output", "-o", type=click.Path(path_type=Path), required=True, help="the run's folder")
@click.option("--recipe", help="a shipped recipe or a TOML file  [default: the usual one of the task]")
@click.option("--minutes", type=Within(min=0, min_open=True), help="train this long")
@click.option("--epochs", type=click.IntRange(min=1), help="train this many passes over the data")
@click.option("--seed", type=click.IntRange(min=0, max=2**31 - 1), help="of weights, dropout and order")
@click.option("--head", type=click.Choice(["crf", "softmax"]), help="tagging: weigh neighbouring tags, or each alone")
@click.option("--vectors", type=click.Path(path_type=Path), help="begin with these word vectors, a file as GloVe's")
@click.option("--warm-start", help="begin with the weights of this model; its vocabulary may be another")
@click.option(
    "--gate",
    "gates",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="dialogue tests that a checkpoint must pass to become the bundle, can be repeated",
)
@click.option("--workers", type=click.IntRange(1, 64), help="processes that make each step together")
@click.option("--resume", is_flag=True, help="go on from the run's last checkpoint")
@click.option("--overwrite", is_flag=True, help="replace a run that is there")
def command(**options: Any) -> None:
    """Train a model on DATA, a dataset made by `chatbot prepare`.

    What it was prepared for decides the network; the usual recipes are small (dialogue), translation, tagging, and
    characters or words (generation). Ctrl-C writes a checkpoint and stops; `--resume` goes on exactly there, also
    after a crash. OUTPUT/bundle holds the best model so far, ready for `chatbot --model OUTPUT`. With --gate, it holds
    the best that passes these tests; where a better one did not pass, the exit code is 3.
    """
    from chatbot.cli.training import begin

    asked = Asked(**options)
    if asked.minutes is not None and asked.epochs is not None:
        raise click.UsageError("--minutes and --epochs exclude each other.")
    if asked.resume and asked.overwrite:
        raise click.UsageError("--resume and --overwrite exclude each other.")
    begin(asked)
