"""Weights that wander -> their average, which does better: an exponential moving average (Polyak & Juditsky 1992).

In: the weights after each step. Out: the average, in the network while it is scored and exported. It is kept in NumPy,
and brought up to date every few steps, so that it costs next to nothing and knows no backend.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chatbot.network.layer import WeightedLayer

EVERY = 16  # steps between two updates
PREFIX = "average/"  # of its arrays in a checkpoint


class Average:
    """The average of a network's weights over about the last 1 / (1 - `decay`) steps; of nothing if `decay` is 0.

    The decay grows with the steps made, as (1 + steps) / (10 + steps), so that a short training, whose weights still
    travel far, is averaged over its end alone, and what the weights began as has no part in it.
    """

    def __init__(self, network: WeightedLayer, decay: float) -> None:
        self.network, self.decay, self.step = network, decay, 0
        self.values: dict[str, NDArray[np.float32]] = {}
        if decay:
            self.values = {name: np.array(array) for name, array in network.export().items()}

    def update(self, step: int, least: int = EVERY) -> None:
        """Take in the weights as they stand after `step` steps, if `least` steps have passed since the last time."""
        passed = step - self.step
        if not self.values or passed < max(1, least):
            return
        kept = min(self.decay, (1 + step) / (10 + step)) ** passed
        for name, now in self.network.export().items():
            average = self.values[name]
            average += np.float32(1.0 - kept) * (now - average)
        self.step = step

    @contextmanager
    def in_place(self, step: int) -> Iterator[None]:
        """The average as it stands after `step` steps is in the network; then its weights are, as they were."""
        self.update(step, least=1)
        own = {name: np.array(array) for name, array in self.network.export().items()} if self.values else {}
        variables = self.network.by_name
        try:
            for name, array in self.values.items():
                variables[name].assign(array)
            yield
        finally:
            for name, array in own.items():
                variables[name].assign(array)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What a checkpoint holds of it, by name."""
        named: dict[str, NDArray[Any]] = {f"{PREFIX}{name}": array for name, array in self.values.items()}
        return named | {f"{PREFIX}step": np.array(self.step)} if named else {}

    def restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Take up what `arrays` gave."""
        if self.values:
            self.step = int(arrays[f"{PREFIX}step"])
            self.values = {name: np.array(arrays[f"{PREFIX}{name}"]) for name in self.values}
