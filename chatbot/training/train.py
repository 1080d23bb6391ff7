"""A prepared dataset and a run's folder -> a bundle: puts the parts of training together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chatbot.data.dataset import Dataset
from chatbot.data.splits import SPLITS
from chatbot.errors import CheckpointError
from chatbot.ngram.counting import counted
from chatbot.training.checkpoints import Position
from chatbot.training.curve import draw_curve
from chatbot.training.export import Exporter, Gate
from chatbot.training.loop import Loop, Watcher
from chatbot.training.probe import Probe
from chatbot.training.run import Run
from chatbot.training.settings import changed, sized
from chatbot.training.start import Start
from chatbot.training.step import Step, faster_precision, make_step
from chatbot.training.tagging import TagProbe, span_f1
from chatbot.training.tasks import TASKS
from chatbot.training.validation import Measures, validate

AT_RANDOM = Start()


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
    start: Start = AT_RANDOM,
    stopping: Callable[[], bool] = lambda: False,
    gate: Gate | None = None,
    workers: Any = None,
) -> Outcome:
    """Train until the run's budget is spent, validation stops falling or `stopping` says so; write the bundle.

    `gate` judges every bundle before it takes the place of the one there is. `workers` are the processes that this one
    leads, None for itself alone.
    """
    _choose_precision(run)
    task, tokenizer = TASKS[dataset.task], dataset.tokenizer()
    network = sized(run.recipe.network, tokenizer)
    training, validation = task.batches(dataset, run.recipe)
    bias = task.bias(training.split, network)
    graph = make_step(task.layer, network, run.recipe.training, workers, bias)
    graph.network.by_name["output.bias"].assign(bias)
    filled = start.fill(graph, tokenizer, run)
    tagging = dataset.task == "tagging"
    probe = (TagProbe if tagging else Probe)(task, network, tokenizer, task.prompts(dataset, tokenizer, run.recipe))
    table = counted(dataset, run.recipe.ngram, run.recipe.filter)
    answers = _Answers(graph, Exporter(run, dataset, network, probe, gate, table), len(training.split))
    extra = span_f1 if tagging else None
    loop = Loop(run, graph, training, validation, watcher, stopping, answers.to, extra, table)
    if start.resume:
        loop.resume()
    if filled:
        loop.save()  # the first checkpoint: a killed run must not begin again from nothing
    return _closed(loop, answers) if loop.train() else Outcome(False, None, None)


@dataclass(frozen=True, slots=True)
class _Answers:
    """What is done with the weights after a validation: they become a bundle, and are tried on a few prompts."""

    graph: Step
    exporter: Exporter
    examples: int  # in the training split

    def to(self, at: Position, measures: Measures, wanted: bool) -> tuple[list[tuple[str, str]], str]:
        """Keep the model of an epoch, in the run's bundle where it is `wanted` there; replies, and the gate's word."""
        exporter, weights, refused = self.exporter, self.graph.network.export(), ""
        summary = self.summary(at, measures, at.epoch if wanted else at.best_epoch)
        exporter.keep_epoch(weights, summary)
        if wanted:
            _, refused = exporter.export(weights, summary)
        else:
            exporter.probe.load(weights)
        return exporter.replies(measures.ngram_share), refused

    def summary(self, at: Position, measures: Measures, best_epoch: int) -> dict[str, Any]:
        """What config.json and the card say of the training."""
        run, dataset = self.exporter.run, self.exporter.dataset
        return {
            "dataset": dataset.path.resolve().name,
            "dataset_identity": run.dataset,
            "split_hash": dataset.info.get("split_hash", ""),
            **from_corpora(dataset.info.get("corpora", [])),
            "examples": self.examples,
            "epochs": at.epoch,
            "best_epoch": best_epoch,
            "steps": at.step,
            "target_tokens": at.tokens,
            "minutes": round(at.seconds / 60.0, 1),
            "precision": run.recipe.training.precision,
            "validation": measures.as_dict(),
            "recipe": run.recipe.as_dict(),
            "warm_start": run.warm_start,
        }


def from_corpora(corpora: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Which corpora a dataset is made of, with their weights, where they are several, and under which licences."""
    stated = [one["licence"] for one in corpora]
    if len(set(stated)) < 2:
        licence = stated[0] if stated else ""
    else:
        licence = "; ".join(f"{one['name']}: {one['licence'] or 'not stated'}" for one in corpora)
    several = len(corpora) > 1 and not {one["name"] for one in corpora} <= set(SPLITS)
    weights = {"corpora": {one["name"]: one["weight"] for one in corpora}} if several else {}
    return {**weights, "licence": licence}


def _choose_precision(run: Run) -> None:
    """Once for the whole run: a resumed one must multiply as it began."""
    if run.recipe.training.precision == "auto":
        run.recipe = changed(run.recipe, precision=faster_precision())
        run.write()


def _closed(loop: Loop, answers: _Answers) -> Outcome:
    """The weights that did best, scored on the whole validation split, become the bundle for good."""
    run, position = loop.run, loop.position
    if position.refused and not run.checkpoints.has_best():
        draw_curve(run)
        return Outcome(True, None, None, position.refused)
    best = _take_best(run, loop.graph)
    measures = validate(loop.graph, loop.validation, None, loop.watcher.scored, loop.extra, loop.table)
    summary = answers.summary(position, measures, position.promoted_epoch)
    fingerprint, refused = answers.exporter.export(best, summary)
    draw_curve(run)
    return Outcome(True, fingerprint, measures, refused or position.refused)


def _take_best(run: Run, graph: Step) -> dict[str, NDArray[np.float32]]:
    """Give the graph the weights that did best; the weights."""
    best = run.checkpoints.load_best()
    if best is None:
        raise CheckpointError(f"{run.path}: the best weights are damaged; train anew with --overwrite")
    for name, variable in graph.network.by_name.items():
        variable.assign(best[name])
    return best
