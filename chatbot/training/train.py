"""A prepared dataset and a run's folder -> a bundle: puts the parts of training together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from chatbot.bundle.loading import Bundle
from chatbot.data.dataset import Dataset
from chatbot.errors import CheckpointError
from chatbot.text.tokenizer import Tokenizer
from chatbot.training.curve import draw_curve
from chatbot.training.export import Gate, export, keep_epoch
from chatbot.training.loop import Loop, Watcher
from chatbot.training.probe import Probe
from chatbot.training.run import Run
from chatbot.training.settings import changed
from chatbot.training.step import Step, faster_precision, make_step
from chatbot.training.tagging import TagProbe, span_f1
from chatbot.training.tasks import TASKS
from chatbot.training.validation import Measures, validate
from chatbot.training.vectors import with_vectors
from chatbot.training.warm_start import warm_start


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a training ended."""

    finished: bool  # False if it was asked to stop before its budget was spent
    fingerprint: str | None  # of the bundle, where there is one
    measures: Measures | None  # over the whole validation split
    refused: str = ""  # what the gate has against the weights that did best, which are not in the bundle


def train(
    dataset: Dataset,
    run: Run,
    watcher: Watcher,
    resume: bool = False,
    start: Bundle | None = None,
    stopping: Callable[[], bool] = lambda: False,
    advance: Callable[[int], object] = lambda _: None,
    gate: Gate | None = None,
    vectors: Path | None = None,
    workers: Any = None,
) -> Outcome:
    """Train until the run's budget is spent, validation stops falling or `stopping` says so; write the bundle.

    `start` is a bundle whose weights the training begins with.
    `advance` is told how many replies of the last validation have been scored. `gate` judges every bundle before it
    takes the place of the one there is. `vectors` is a file of word vectors that the embedding begins with.
    `workers` are the processes that this one leads, None for itself alone.
    """
    if run.recipe.training.precision == "auto":  # chosen once: a resumed run must multiply as it began
        run.recipe = changed(run.recipe, precision=faster_precision())
        run.write()
    recipe, settings, tokenizer = run.recipe, run.recipe.training, dataset.tokenizer()
    task = TASKS[dataset.task]
    network = task.sized(recipe.network, tokenizer)
    graph = make_step(task.layer, network, settings, workers)
    training, validation = task.batches(dataset, recipe)
    graph.network.by_name["output.bias"].assign(task.bias(training.split, network))
    if start is not None and not resume:
        _begin_from(start, graph, tokenizer, run)
    if vectors is not None and not resume:
        embedding = graph.network.by_name["embedding"]
        begun, known = with_vectors(graph.network.export()["embedding"], tokenizer, vectors)
        run.note(step=0, epoch=0, seconds=0.0, tokens=0, vectors=vectors.name, rows_kept=known, rows=len(begun))
        embedding.assign(begun)
    tagging = dataset.task == "tagging"
    probe = (TagProbe if tagging else Probe)(task, network, tokenizer, task.prompts(dataset, tokenizer, recipe))
    extra = span_f1 if tagging else None

    def answer(measures: Measures, wanted: bool) -> tuple[list[tuple[str, str]], str]:
        summary = _summary(dataset, run, loop, measures, loop.position.epoch if wanted else loop.position.best_epoch)
        weights, refused = graph.network.export(), ""
        keep_epoch(run, dataset, network, weights, summary)
        if wanted:
            _, refused = export(run, dataset, network, weights, probe, summary, gate)
        else:
            probe.load(weights)
        return probe.replies(), refused

    loop = Loop(run, graph, training, validation, watcher, stopping, answer, extra)
    if resume:
        loop.resume()
    elif start is not None or vectors is not None:
        loop.save()  # the first checkpoint: a killed run must not begin again from nothing
    if not loop.train():
        return Outcome(False, None, None)
    if loop.position.refused and not run.checkpoints.has_best():
        draw_curve(run)
        return Outcome(True, None, None, loop.position.refused)
    best = _take_best(run, graph)
    measures = validate(graph, validation, advance=advance, extra=extra)
    summary = _summary(dataset, run, loop, measures, loop.position.promoted_epoch)
    fingerprint, refused = export(run, dataset, network, best, probe, summary, gate)
    draw_curve(run)
    return Outcome(True, fingerprint, measures, refused or loop.position.refused)


def _take_best(run: Run, graph: Step) -> dict[str, np.ndarray]:
    """Give the graph the weights that did best; the weights."""
    best = run.checkpoints.load_best()
    if best is None:
        raise CheckpointError(f"{run.path}: the best weights are damaged; train anew with --overwrite")
    for name, variable in graph.network.by_name.items():
        variable.assign(best[name])
    return best


def _begin_from(start: Bundle, graph: Step, tokenizer: Tokenizer, run: Run) -> None:
    """Give the graph the weights of a bundle, and say so in the record."""
    begun = warm_start(start, tokenizer, graph.network.export())
    kept = {"rows_kept": begun.kept, "rows": begun.size}
    run.note(step=0, epoch=0, seconds=0.0, tokens=0, warm_start=start.fingerprint, **kept)
    for name, variable in graph.network.by_name.items():
        variable.assign(begun.weights[name])


def _summary(dataset: Dataset, run: Run, loop: Loop, measures: Measures, best_epoch: int) -> dict[str, Any]:
    """What config.json and the card say of the training."""
    position = loop.position
    return {
        "dataset": dataset.path.resolve().name,
        "dataset_identity": run.dataset,
        "split_hash": dataset.info.get("split_hash", ""),
        "licence": "; ".join(filter(None, (corpus["licence"] for corpus in dataset.info.get("corpora", [])))),
        "examples": len(loop.training.split),
        "epochs": position.epoch,
        "best_epoch": best_epoch,
        "steps": position.step,
        "target_tokens": position.tokens,
        "minutes": round(position.seconds / 60.0, 1),
        "precision": run.recipe.training.precision,
        "validation": measures.as_dict(),
        "recipe": run.recipe.as_dict(),
        "warm_start": run.warm_start,
    }
