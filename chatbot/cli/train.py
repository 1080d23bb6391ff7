"""`chatbot train`: a prepared dataset -> a run's folder with a bundle."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("data", type=click.Path(path_type=Path))
@click.option("--output", "-o", type=click.Path(path_type=Path), required=True, help="the run's folder")
@click.option("--recipe", "recipe_name", help="a shipped recipe or a TOML file  [default: the usual one of the task]")
@click.option("--minutes", type=click.FloatRange(min=0, min_open=True), help="train this long")
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
def command(
    data: Path,
    output: Path,
    recipe_name: str | None,
    minutes: float | None,
    epochs: int | None,
    seed: int | None,
    head: str | None,
    vectors: Path | None,
    warm_start: str | None,
    gates: tuple[Path, ...],
    workers: int | None,
    resume: bool,
    overwrite: bool,
) -> None:
    """Train a model on DATA, a dataset made by `chatbot prepare`.

    What it was prepared for decides the network; the usual recipes are small (dialogue), translation, tagging, and
    characters or words (generation). Ctrl-C writes a checkpoint and stops; `--resume` goes on exactly there, also
    after a crash. OUTPUT/bundle holds the best model so far, ready for `chatbot --model OUTPUT`. With --gate, it holds
    the best that passes these tests; where a better one did not pass, the exit code is 3.
    """
    from chatbot.cli.training import begin

    if minutes is not None and epochs is not None:
        raise click.UsageError("--minutes and --epochs exclude each other.")
    if resume and overwrite:
        raise click.UsageError("--resume and --overwrite exclude each other.")
    if resume and warm_start:
        raise click.UsageError("--resume and --warm-start exclude each other.")
    if resume and vectors:
        raise click.UsageError("--resume and --vectors exclude each other.")
    begun_with = head, vectors, warm_start
    begin(data, output, recipe_name, minutes, epochs, seed, *begun_with, gates, workers, resume, overwrite)
