"""The best continuations of each source's hypotheses, found without sorting the vocabulary."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from chatbot.decoding.stepper import Floats, Ids

BLOCK = 64
LEAST = np.finfo(np.float32).min  # of what is finite


def best_continuations(scores: Floats, ranks: NDArray[np.float64], owners: Ids, size: int) -> tuple[Ids, Ids]:
    """Rows and ids of the `size` greatest ranks[row] + scores[row, id] of each owner, owner by owner, best first.

    scores [rows, vocabulary]; ranks and owners [rows], owners ascending. -inf is never chosen, so an owner may have
    fewer. Equal totals are in the order of row, then id.
    """
    rows, ids = contenders(scores, size)
    totals = ranks[rows] + scores[rows, ids]
    order = np.lexsort((-totals, owners[rows]))  # stable
    owner = owners[rows[order]]
    place = np.arange(len(order)) - np.searchsorted(owner, owner)  # within the owner's, best is 0
    chosen = order[place < size]
    return rows[chosen], ids[chosen]


def contenders(scores: Floats, size: int) -> tuple[Ids, Ids]:
    """Rows and ids of every finite entry that may be among the `size` greatest of its row, and of few others.

    The greatest of `size` different blocks are `size` entries, so that the `size`-th greatest block maximum bounds the
    `size`-th greatest entry from below: one pass over the row, and a sort of the block maxima only.
    """
    rows, vocabulary = scores.shape
    blocks = vocabulary // BLOCK
    bound = np.full(rows, LEAST)
    if blocks > size:
        maxima = scores[:, : blocks * BLOCK].reshape(rows, blocks, BLOCK).max(axis=2)  # [rows, blocks]
        bound = np.maximum(bound, np.partition(maxima, blocks - size, axis=1)[:, blocks - size])
    places = np.flatnonzero(scores >= bound[:, None])  # far faster than np.nonzero
    return np.divmod(places, vocabulary)
