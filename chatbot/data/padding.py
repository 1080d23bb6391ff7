"""Rows of ids of any lengths -> one array."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from chatbot.text.special import PAD_ID

Ids = NDArray[np.int32]


def padded(rows: Sequence[Sequence[int]], left: bool = False) -> Ids:
    """Ids [rows, longest], each row filled up with pad at its end, or `left` of it; at least one column."""
    array = np.full((len(rows), max(1, max(map(len, rows), default=1))), PAD_ID, dtype=np.int32)
    for row, ids in zip(array, rows, strict=True):
        row[len(row) - len(ids) if left else 0 :][: len(ids)] = ids
    return array
