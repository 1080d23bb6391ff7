"""Ids -> the inputs' part of a first layer's gates, computed once an id: a conversation says the same words again."""

from __future__ import annotations

import numpy as np

from chatbot.inference.lstm import LSTM, Floats, Ids

MOST_KEPT = 2**25  # numbers


class Projection:
    """`layer.project(embedding[ids])`, with what was computed before kept.

    The table takes memory only for ids that were asked for, and is not made where it could grow too large.
    """

    def __init__(self, embedding: Floats, layer: LSTM) -> None:
        self.embedding, self.layer = embedding, layer
        fits = len(embedding) * 4 * layer.units <= MOST_KEPT
        self._known = np.zeros(len(embedding), bool) if fits else None
        self._table = np.empty((len(embedding) if fits else 0, 4 * layer.units), np.float32)

    def of(self, ids: Ids) -> Floats:
        """Ids [rows] -> [rows, 4 units]."""
        if self._known is None:
            return self.layer.project(self.embedding[ids])
        if not self._known[ids].all():
            new = np.unique(ids[~self._known[ids]])
            self._table[new] = self.layer.project(self.embedding[new])
            self._known[new] = True  # last: another thread may look
        return self._table[ids]
