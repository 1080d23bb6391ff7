"""Counts and values -> shares and means with 95 % intervals.

A share has the interval of Wilson (1927), which holds for small counts and for shares near 0 and 1; replies are taken
as independent. A mean has one by the bootstrap (Efron 1979): conversations are drawn with replacement, not replies,
since those of one conversation are alike; of a single one its replies are drawn. The draws are always the same.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Z = 1.959964  # of the normal distribution: 95 % lie within so many deviations
DRAWS = 1000
MOST_DRAWN = 1_000_000  # numbers held at once
HOW = "95 % intervals: Wilson for shares, bootstrap over conversations for means"


@dataclass(frozen=True, slots=True)
class Share:
    """`count` of `of`, and the ends of its interval."""

    count: int
    of: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """From 0 to 1."""
        return self.count / self.of


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of `of` values, and the ends of its interval."""

    value: float
    low: float
    high: float
    of: int


def share(count: int, of: int) -> Share | None:
    """Wilson's score interval without continuity correction; None of nothing."""
    if not of:
        return None
    rate, spread = count / of, Z * Z / of
    middle = (rate + spread / 2) / (1 + spread)
    half = Z / (1 + spread) * math.sqrt(rate * (1 - rate) / of + spread / (4 * of))
    low = 0.0 if not count else max(0.0, middle - half)
    return Share(count, of, low, 1.0 if count == of else min(1.0, middle + half))


def mean(groups: Sequence[Sequence[float]]) -> Mean | None:
    """The mean of all values; `groups` are those of a conversation each. None of nothing."""
    some = [list(group) for group in groups if group]
    if len(some) == 1:
        some = [[value] for value in some[0]]
    if not some:
        return None
    sums = np.array([sum(group) for group in some])
    sizes = np.array([len(group) for group in some], np.float64)
    random, means = np.random.default_rng(0), np.empty(0)
    while len(means) < DRAWS:
        together = min(DRAWS - len(means), max(1, MOST_DRAWN // len(some)))
        drawn = random.integers(0, len(some), (together, len(some)))
        means = np.append(means, sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1))
    low, high = np.quantile(means, [0.025, 0.975])
    return Mean(float(sums.sum() / sizes.sum()), float(low), float(high), int(sizes.sum()))
