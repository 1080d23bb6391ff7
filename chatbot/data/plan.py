"""How long the examples of a split are -> which of them make a batch, and in what order the batches come.

Examples of like lengths are put together, so that little of a batch is padding; a batch holds a budget of ids, not a
number of examples, so that every step costs about the same. `sizes` [examples, parts] are the lengths of what is padded
each for itself, such as source and target; the last part counts first in the order.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]
Sizes = NDArray[np.int32]


def in_order(sizes: Sizes, budget: int) -> list[Indices]:
    """Every example once, sorted by length."""
    return _cut_up(_by_length(np.arange(len(sizes)), sizes), sizes, budget)


def drawn(weights: NDArray[np.float32], generator: np.random.Generator) -> Indices:
    """Which examples an epoch draws: each as often as its weight says, what is left of it by chance."""
    times = np.floor(weights + generator.random(len(weights))).astype(np.int64)
    return np.repeat(np.arange(len(weights)), times)


def shuffled(
    sizes: Sizes, budget: int, generator: np.random.Generator, members: Indices | None = None, pool: int = 1500
) -> list[Indices]:
    """Every example, or each of `members`, shuffled: sorted by length only inside pools of about `pool` batches."""
    order = generator.permutation(len(sizes) if members is None else members)
    per_batch = max(1, budget // max(1, int(np.mean(sizes.sum(axis=1)))))
    plan: list[Indices] = []
    for start in range(0, len(order), pool * per_batch):
        members = order[start : start + pool * per_batch]
        plan += _cut_up(_by_length(members, sizes), sizes, budget)
    return [plan[i] for i in generator.permutation(len(plan))]


def _by_length(members: Indices, sizes: Sizes) -> Indices:
    """Sorted by the last part, then by the others in steps of two, rising and falling in turn: like stands by like.

    What is as long keeps its order, so that other orders make other batches.
    """
    own = sizes[members]
    last, others = own[:, -1], own[:, :-1].T // 2
    return members[np.lexsort((*np.where(last % 2, -others, others), last))]


def _cut_up(order: Indices, sizes: Sizes, budget: int) -> list[Indices]:
    """Consecutive groups whose padded size, rows times the longest of each part, keeps to the budget."""
    plan, start, widest = [], 0, np.zeros(sizes.shape[1], dtype=np.int64)
    for position, example in enumerate(order):
        wider = np.maximum(widest, sizes[example])
        if position > start and (position - start + 1) * int(wider.sum()) > budget:
            plan.append(order[start:position])
            start, wider = position, sizes[example].astype(np.int64)
        widest = wider
    return [*plan, order[start:]] if len(order) else plan
