"""What `chatbot train` does once its options are read: checks, signals, progress, and the closing lines."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chatbot.cli.training_workers import cluster_of, following, leading
from chatbot.errors import DialogueFailure, UsageError
from chatbot.terminal import one_line, visible

SCORED = {"dialogue": "replies", "translation": "translations", "tagging": "sentences", "generation": "texts"}
TRY = {
    "dialogue": "talk with it: chatbot --model ",
    "translation": "translate with it: chatbot translate TEXT --model ",
    "tagging": "tag with it: chatbot tag TEXT --model ",
    "generation": "let it write: chatbot generate PROMPT --model ",
}

BACKENDS = {"tensorflow": "TensorFlow", "torch": "PyTorch"}

if TYPE_CHECKING:
    from chatbot.training.run import Run
    from chatbot.training.train import Outcome
    from chatbot.training.validation import Measures


def begin(
    data: Path,
    output: Path,
    recipe_name: str | None,
    minutes: float | None,
    epochs: int | None,
    seed: int | None,
    head: str | None,
    vectors: Path | None,
    warm_start: str | None,
    gates: Sequence[Path],
    workers: int | None,
    resume: bool,
    overwrite: bool,
) -> None:
    """Start or resume a run and see it to its end."""
    require_backend()
    count, index = cluster_of(workers)
    if index:
        following()
        return
    from chatbot.bundle.loading import load_bundle
    from chatbot.bundle.locate import find_model
    from chatbot.cli.gating import gate_of
    from chatbot.cli.training_view import TrainingView
    from chatbot.data.dataset import Dataset
    from chatbot.training.run import open_run, start_run
    from chatbot.training.schedule import Budget
    from chatbot.training.settings import changed, fitted, load_recipe, usual_recipe

    dataset = Dataset.open(data)
    gate = gate_of(gates, dataset.task) if gates else None
    start = None if warm_start is None else load_bundle(find_model(warm_start))
    if resume:
        run = open_run(output, dataset)
        if minutes is not None or epochs is not None:
            run.budget = Budget(epochs or run.budget.epochs, minutes)
            run.write()
    else:
        tokenizer = dataset.tokenizer()
        name = recipe_name or usual_recipe(dataset.task, tokenizer.kind)
        recipe = fitted(load_recipe(name), dataset.task, name)
        given = {name: value for name, value in (("seed", seed), ("head", head)) if value is not None}
        if head is not None and dataset.task != "tagging":
            raise UsageError(f"--head is for tagging, but {data} was prepared for {dataset.task}; leave it out")
        recipe = changed(recipe, vocabulary_size=tokenizer.size, **given)
        budget = Budget(epochs or recipe.training.epochs, minutes)
        fingerprint = "" if start is None else start.fingerprint
        run = start_run(output, recipe, budget, dataset, overwrite, fingerprint, keep_bundle=gate is not None)
    with signals() as stopping, TrainingView(dataset.info["splits"]["validation"]["examples"]) as view:
        with silent_stderr():  # TensorFlow greets from C++, whatever its log level
            from chatbot.training.start import Start
            from chatbot.training.train import train

        with leading(count) as others:
            outcome = train(dataset, run, view, Start(resume, start, vectors), stopping.is_set, gate, others)
    _close(run, outcome)


def require_backend() -> None:
    """One line on what to install where TensorFlow, or what KERAS_BACKEND names, is missing; nothing is imported."""
    from importlib.util import find_spec

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    backend = os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    if backend not in BACKENDS:
        raise UsageError(f"KERAS_BACKEND: must be one of {', '.join(BACKENDS)}, but is {visible(backend)[:40]!r}")
    if find_spec("keras") is None or find_spec(backend) is None:
        wanted = "" if backend == "tensorflow" else " keras torch"
        raise UsageError(
            f"training needs {BACKENDS[backend]} and Keras, which are not installed; in the project's folder, "
            f"type: pip install {wanted.strip() or repr('.[train]')}"
        )


@contextmanager
def silent_stderr() -> Iterator[None]:
    """Nothing that is written to the process' stderr meanwhile, by whatever language, is seen."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


@contextmanager
def signals() -> Iterator[threading.Event]:
    """An event that the first Ctrl-C or SIGTERM sets; a second one ends the process at once."""
    stopping = threading.Event()

    def ask(number: int, _: object) -> None:
        if stopping.is_set():
            raise KeyboardInterrupt
        stopping.set()

    old = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopping
    finally:
        for number, was in old.items():
            signal.signal(number, was)


def _close(run: Run, outcome: Outcome) -> None:
    where = visible(str(run.path))
    if not outcome.finished:
        click.echo(f"stopped; nothing is lost. Go on with the same command and --resume (run: {where})", err=True)
        sys.exit(130)
    if outcome.measures:
        _say_measures(run, outcome.measures)
    if outcome.refused:
        there = "the bundle there was" if run.bundle.exists() else "no bundle"
        click.echo(f"the best weights were not promoted: {one_line(outcome.refused)}; {where} holds {there}", err=True)
        sys.exit(DialogueFailure.exit_code)
    click.echo(TRY[run.recipe.task] + where)


def _say_measures(run: Run, measures: Measures) -> None:
    click.echo(f"validation, {measures.examples} {SCORED[run.recipe.task]}: {measures.summary}")
