"""A training under way -> a progress bar on a terminal, or a line an epoch elsewhere; all of it on stderr."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.text import Text

from chatbot.terminal import one_line, visible

if TYPE_CHECKING:
    from chatbot.training.checkpoints import Position
    from chatbot.training.validation import Measures

SMOOTHING = 0.95  # share of the past in the shown speed


class TrainingView:
    """Told of steps and epochs; shows loss, perplexity, tokens a second and the time left."""

    def __init__(self, validation_examples: int) -> None:
        self.validation_examples = validation_examples
        self.console = Console(stderr=True, highlight=False)
        facts = TextColumn("{task.fields[facts]}")
        columns = (TextColumn("{task.description}"), BarColumn(bar_width=None), TaskProgressColumn(), facts)
        self.bar = Progress(*columns, console=self.console, transient=True, disable=not self.console.is_terminal)
        self.task = self.bar.add_task("starting", total=1.0, facts="")
        self._speed = 0.0
        self._first: tuple[float, float] | None = None

    def __enter__(self) -> Self:
        self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.stop()

    def step(self, position: Position, plan: int, loss: float, tokens_per_second: float, progress: float) -> None:
        """Move the bar."""
        past = self._speed or tokens_per_second
        self._speed = SMOOTHING * past + (1 - SMOOTHING) * tokens_per_second
        facts = f"loss {loss:.3f} ppl {_perplexity(loss)} {self._speed:,.0f} tok/s {self._left(progress)} left"
        self.bar.update(
            self.task,
            description=f"epoch {position.epoch + 1} {position.batch}/{plan}",
            completed=progress,
            facts=facts,
        )

    def epoch(self, position: Position, measures: Measures, better: bool, replies: list[tuple[str, str]]) -> None:
        """Print what an epoch came to, with the sample replies."""
        line = Text(f"epoch {position.epoch}: validation {measures.summary}")
        if measures.f1 is None:
            line.append(f", token perplexity {measures.token_perplexity:.2f}")
        line.append(f" ({position.seconds / 60:.1f} minutes{', best so far' if better else ''})")
        self.console.print(line, soft_wrap=True)
        for prompt, reply in replies:
            text = Text.assemble((f"  {visible(prompt)} ", "dim"), visible(reply))
            self.console.print(text, soft_wrap=True)

    def refused(self, position: Position, why: str) -> None:
        """Print that the gate kept an epoch's weights out of the bundle."""
        self.console.print(Text(f"epoch {position.epoch}: not promoted: {one_line(why)}"), soft_wrap=True)

    def scored(self, examples: int) -> None:
        """Told of the last validation."""
        if self.bar.tasks[self.task].description != "validating":
            self.bar.reset(self.task, total=self.validation_examples, description="validating", facts="")
        self.bar.advance(self.task, examples)

    def _left(self, progress: float) -> str:
        now = time.monotonic()
        if self._first is None:
            self._first = (now, progress)
        began, start = self._first
        if progress <= start:
            return "?"
        seconds = int((now - began) * (1.0 - progress) / (progress - start))
        return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _perplexity(loss: float) -> str:
    return f"{math.exp(loss):.1f}" if loss < 20 else "huge"
