"""What `chatbot train` does once its options are read: checks, signals, progress, and the closing lines."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from chatbot.cli.training_workers import cluster_of, following, leading
from chatbot.errors import CheckpointError, DialogueFailure, UsageError
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
    from chatbot.cli.train import Asked
    from chatbot.data.dataset import Dataset
    from chatbot.training.export import Gate
    from chatbot.training.run import Run
    from chatbot.training.start import Start
    from chatbot.training.train import Outcome
    from chatbot.training.validation import Measures


def begin(asked: Asked) -> None:
    """Start or resume a run and see it to its end."""
    require_backend()
    count, index = cluster_of(asked.workers)
    if count > 1 and os.environ["KERAS_BACKEND"] != "tensorflow":
        raise UsageError("--workers: only TensorFlow trains in several processes; leave it, or KERAS_BACKEND, out")
    if index:
        following()
        return
    from chatbot.bundle.loading import load_bundle
    from chatbot.bundle.locate import find_model
    from chatbot.cli.gating import gate_of
    from chatbot.data.dataset import Dataset
    from chatbot.training.checkpoints import Checkpoints
    from chatbot.training.start import Start

    dataset = Dataset.open(asked.data)
    gate = gate_of(asked.gates, dataset.task) if asked.gates else None
    start = Start(resume=True)
    if not (asked.resume and Checkpoints(asked.output).any()):
        bundle = None if asked.warm_start is None else load_bundle(find_model(asked.warm_start))
        start = Start(asked.resume, bundle, asked.vectors)
    run = _reopened(asked, dataset, start) if asked.resume else _new(asked, dataset, start)
    _close(run, _trained(dataset, run, start, gate, count))


def _reopened(asked: Asked, dataset: Dataset, start: Start) -> Run:
    """The run to resume, with the budget that is asked for now; killed before its first checkpoint, it begins again."""
    from chatbot.training.run import open_run
    from chatbot.training.schedule import Budget

    run = open_run(asked.output, dataset)
    if not run.checkpoints.any() and run.warm_start != (start.bundle.fingerprint if start.bundle else ""):
        raise CheckpointError(f"{run.path}: has no checkpoint yet; name the model it began with by --warm-start again")
    if asked.minutes is not None or asked.epochs is not None:
        run.budget = Budget(asked.epochs or run.budget.epochs, asked.minutes)
        run.write()
    return run


def _new(asked: Asked, dataset: Dataset, start: Start) -> Run:
    """A run that begins, once all that it begins with is known to be right."""
    from chatbot.training.run import start_run
    from chatbot.training.schedule import Budget
    from chatbot.training.settings import changed, fitted, load_recipe, usual_recipe

    tokenizer = dataset.tokenizer()
    name = asked.recipe or usual_recipe(dataset.task, tokenizer.kind)
    recipe = fitted(load_recipe(name), dataset.task, name)
    if asked.head is not None and dataset.task != "tagging":
        raise UsageError(f"--head is for tagging, but {asked.data} was prepared for {dataset.task}; leave it out")
    given = {name: value for name, value in (("seed", asked.seed), ("head", asked.head)) if value is not None}
    recipe = changed(recipe, vocabulary_size=tokenizer.size, **given)
    budget = Budget(asked.epochs or recipe.training.epochs, asked.minutes)
    start.check(recipe.network, tokenizer)
    begun = start.bundle.fingerprint if start.bundle else ""
    return start_run(asked.output, recipe, budget, dataset, asked.overwrite, begun, keep_bundle=bool(asked.gates))


def _trained(dataset: Dataset, run: Run, start: Start, gate: Gate | None, workers: int) -> Outcome:
    from chatbot.cli.training_view import TrainingView

    with signals() as stopping, TrainingView(dataset.info["splits"]["validation"]["examples"]) as view:
        with silent_stderr():  # TensorFlow greets from C++, whatever its log level
            from chatbot.training.train import train

        with leading(workers) as others:
            return train(dataset, run, view, start, stopping.is_set, gate, others)


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
