"""Which ids a sampled softmax sums over at a step; the mathematics are in `chatbot.network.next_id`.

In: the log shares of all ids in the training split, then targets and the number of a step. Out: `Columns`. The same
numbers give the same columns, so a training that goes on from a checkpoint draws what it would have drawn.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chatbot.network.layer import WeightedLayer
from chatbot.network.next_id import Columns
from chatbot.network.precision import Tensor
from chatbot.training.settings import TrainingSettings

HEAD = 8  # of all ids one in so many, the most frequent, is in every sum


@dataclass(frozen=True, slots=True)
class Sampler:
    """Draws ids for the sum, without replacement and all equally likely, of those that would not be in it anyway."""

    rare: NDArray[np.bool_]  # [vocabulary], False for the most frequent
    drawn: int
    seed: int

    def columns(self, targets: NDArray[np.int32], step: int) -> Columns:
        """The most frequent ids, the targets' and the drawn ones, in ascending order."""
        left = self.rare.copy()
        left[targets] = False
        certain, rest = np.flatnonzero(~left), np.flatnonzero(left)
        count = min(self.drawn, len(rest))
        chosen = np.random.default_rng([self.seed, step]).choice(rest, count, replace=False, shuffle=False)
        log_weight = math.log(len(rest) / count) if count else 0.0
        ids = np.concatenate([certain, chosen]).astype(np.int32)
        log_weights = np.repeat([0.0, log_weight], [len(certain), count]).astype(np.float32)
        order = np.argsort(ids)
        return placed(ids[order], log_weights[order], targets)


def softmax_sampler(settings: TrainingSettings, shares: NDArray[np.float32] | None) -> Sampler | None:
    """The sampler that a recipe asks for, None for the whole softmax; `shares` [vocabulary] rise with the ids' counts.

    Raises `ValueError` where it samples and they are not given.
    """
    if not settings.sampled_softmax:
        return None
    if shares is None:
        raise ValueError("a sampled softmax needs to know which ids are frequent")
    rare = np.ones(len(shares), dtype=bool)
    rare[np.argsort(-shares, kind="stable")[: len(shares) // HEAD]] = False
    return Sampler(rare, settings.sampled_softmax, settings.seed)


def placed(ids: NDArray[np.int32], log_weights: NDArray[np.float32], targets: NDArray[np.int32]) -> Columns:
    """The columns of ascending `ids`, among which all `targets` are."""
    return Columns(ids, log_weights, np.searchsorted(ids, targets).astype(np.int32))


def training_losses(network: WeightedLayer, given: Sequence[Any]) -> tuple[Tensor, Tensor]:
    """What to minimise, and the negative log-likelihood (nats); `given` are the inputs, then columns if there are."""
    count = len(network.inputs)
    inputs, columns = given[:count], given[count:]
    if columns:
        return network.sampled_losses(Columns(*columns), *inputs)
    return network.losses(*inputs, training=True)
