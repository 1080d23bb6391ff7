"""Batches -> weights: epochs of steps, validation after each, checkpoints all along.

The loop is a function of its `Position`: started again from a checkpoint it does what it would have done.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from chatbot.data.batches import Batch, Batched
from chatbot.errors import CheckpointError
from chatbot.ngram.table import NgramTable
from chatbot.training.averaging import Average
from chatbot.training.checkpoints import Arrays, Position
from chatbot.training.prefetch import prefetched
from chatbot.training.run import Run
from chatbot.training.schedule import learning_rate
from chatbot.training.step import Step
from chatbot.training.validation import Measures, validate

NOTED = 50  # steps between two lines of the record
VALIDATED = 5000  # replies scored after an epoch; the whole split is scored at the end


class Watcher(Protocol):
    """Who is told how a training goes."""

    def step(self, position: Position, plan: int, loss: float, tokens_per_second: float, progress: float) -> None:
        """After every step: `plan` steps make this epoch, `loss` is nats a token since it began."""
        ...

    def epoch(self, position: Position, measures: Measures, better: bool, replies: list[tuple[str, str]]) -> None:
        """After every validation."""
        ...

    def refused(self, position: Position, why: str) -> None:
        """After a validation whose weights the gate did not let into the bundle."""
        ...

    def scored(self, examples: int) -> None:
        """After every batch of the last validation, which is of the whole split."""
        ...


class Loop:
    """One training under way.

    `answer` is told of each validation, and whether its weights are the best that may be in the bundle; it puts them
    there, unless the gate refuses them, and gives sample replies and what the gate said.
    """

    def __init__(
        self,
        run: Run,
        graph: Step,
        training: Batched,
        validation: Batched,
        watcher: Watcher,
        stopping: Callable[[], bool],
        answer: Callable[[Position, Measures, bool], tuple[list[tuple[str, str]], str]],
        extra: Callable[[Step, Any], float] | None = None,
        table: NgramTable | None = None,
    ) -> None:
        self.run, self.graph, self.watcher = run, graph, watcher
        self.training, self.validation = training, validation
        self.stopping, self.answer, self.extra, self.table = stopping, answer, extra, table
        self.settings, self.position = run.recipe.training, Position()
        self.average = Average(graph.network, self.settings.average)
        self._planned = 1  # steps of the epoch under way
        self._recent = np.zeros(3)  # nll, tokens and seconds since the last line of the record
        self._saved = self._clock = time.monotonic()

    def resume(self) -> None:
        """Take up the newest checkpoint; before the first one, there is nothing but the beginning to go on from."""
        if not self.run.checkpoints.any():
            return
        self.position, arrays = self.run.checkpoints.load_newest()
        for name, array in self._arrays().items():
            if name not in arrays or array.shape != arrays[name].shape:
                raise CheckpointError(f"{self.run.path}: the checkpoint lacks {name}; train anew with --overwrite")
        for name, variable in self._variables().items():
            variable.assign(arrays[name])
        self.average.restore(arrays)
        if self.position.promoted is None and self.run.checkpoints.has_best():  # written before there was a gate
            self.position.promoted, self.position.promoted_epoch = self.position.best, self.position.best_epoch
        self.run.rewind(self.position)
        # The budget may be a larger one now; an epoch under way is always finished and validated.
        self.position.finished = self.position.batch == 0 and self._over()

    def train(self) -> bool:
        """Train until the budget is spent or validation stops falling; False if asked to stop before."""
        self._saved = self._clock = time.monotonic()
        while not self.position.finished:
            if not self._epoch():
                self.save()
                return False
            with self.average.in_place(self.position.step):
                self._validate()
            self.save()
        return True

    def save(self) -> None:
        """Write a checkpoint now."""
        self.run.checkpoints.save(self.position, self._arrays())
        self._saved = time.monotonic()

    def progress(self) -> float:
        """Share of the budget used."""
        epoch = self.position.epoch + self.position.batch / max(1, self._planned)
        return self.run.budget.progress(epoch, self.position.seconds)

    def _epoch(self) -> bool:
        """The rest of the epoch, as far as the budget goes; False if asked to stop."""
        position = self.position
        plan = self.training.epoch(position.epoch, self.settings.seed)
        self._planned = len(plan)
        for batch in prefetched(map(self.training.collate, plan[position.batch :])):
            if self.stopping():
                return False
            progress = self.progress()
            if progress >= 1.0:
                break
            self._step(batch, progress)
            if time.monotonic() - self._saved > self.settings.checkpoint_seconds:
                self.save()
        return True

    def _step(self, batch: Batch, progress: float) -> None:
        """Move the weights once and tell of it."""
        position = self.position
        rate = learning_rate(self.settings, position.step, progress)
        nll = self.graph.train(batch, rate)
        if not math.isfinite(nll):
            raise CheckpointError(
                f"the loss became {nll} at step {position.step}; the best model so far is kept in "
                f"{self.run.bundle}. Lower training.learning_rate or training.clip_norm in the recipe"
            )
        position.batch, position.step = position.batch + 1, position.step + 1
        self.average.update(position.step)
        position.tokens += batch.tokens
        position.epoch_tokens += batch.tokens
        position.epoch_nll += nll
        spent = self._tick()
        loss = position.epoch_nll / position.epoch_tokens
        self.watcher.step(replace(position), self._planned, loss, batch.tokens / spent, progress)
        self._recent += np.array([nll, batch.tokens, spent])
        if position.step % NOTED == 0:
            nll, tokens, seconds = self._recent.tolist()
            speed = {"learning_rate": rate, "tokens_per_second": round(tokens / seconds, 1)}
            self.run.note(**self._where(), training_loss=nll / tokens, **speed)
            self._recent[:] = 0.0

    def _validate(self) -> None:
        """Score the validation split, keep what is best, and close the epoch."""
        position = self.position
        measures = validate(self.graph, self.validation, VALIDATED, extra=self.extra, table=self.table)
        better = position.best is None or measures.loss < position.best
        loss = position.epoch_nll / max(1, position.epoch_tokens)
        self._tick()
        position.epoch, position.batch = position.epoch + 1, 0
        position.epoch_nll, position.epoch_tokens = 0.0, 0
        if better:
            position.best, position.best_epoch = measures.loss, position.epoch
        position.finished = self._over()
        replies, refused = self._promote(measures, better)
        result = {"validation": measures.as_dict(), "better": better, "replies": dict(replies)}
        result |= {"refused": refused} if refused else {}
        self.run.note(**self._where(), training_loss=loss, **result)
        self.watcher.epoch(replace(position), measures, better, replies)
        if refused:
            self.watcher.refused(replace(position), refused)
        self._tick()

    def _promote(self, measures: Measures, better: bool) -> tuple[list[tuple[str, str]], str]:
        """Let the weights into the bundle where they beat those in it, and the gate lets them."""
        position = self.position
        wanted = position.promoted is None or measures.loss < position.promoted
        replies, refused = self.answer(position, measures, wanted)
        if wanted and not refused:
            position.promoted, position.promoted_epoch = measures.loss, position.epoch
            self.run.checkpoints.save_best(position, self.graph.network.export())
        if better:
            position.refused = refused
        return replies, refused

    def _over(self) -> bool:
        """Whether the budget is spent, or validation has not fallen for too long."""
        return self.progress() >= 1.0 or self.position.epoch - self.position.best_epoch >= self.settings.patience

    def _where(self) -> dict[str, Any]:
        """What every line of the record begins with."""
        at = self.position
        return {"step": at.step, "epoch": at.epoch, "seconds": round(at.seconds, 1), "tokens": at.tokens}

    def _tick(self) -> float:
        """Seconds since the last call, added to the run's clock."""
        now = time.monotonic()
        spent, self._clock = max(now - self._clock, 1e-9), now
        self.position.seconds += spent
        return spent

    def _variables(self) -> dict[str, Any]:
        """Everything that a step changes, by name."""
        network, optimizer = self.graph.network, self.graph.optimizer
        named = {f"weights/{name}": variable for name, variable in network.by_name.items()}
        named |= {f"optimizer/{i:03d}": variable for i, variable in enumerate(optimizer.variables)}
        return named | {"noise": network.noise.state}

    def _arrays(self) -> Arrays:
        """What a checkpoint holds: all of these, and their average."""
        arrays = {name: np.asarray(variable.numpy()) for name, variable in self._variables().items()}
        return arrays | self.average.arrays()
