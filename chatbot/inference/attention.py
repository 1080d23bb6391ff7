"""Decoder states and encoder memory -> attention weights and contexts, whatever the score (dot, general, additive).

The memory is kept once a source; hypotheses of the same source are computed together and never copy it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chatbot.inference.lstm import Floats, Ids, Weights
from chatbot.inference.product import Panels, product

EVEN = 8  # NumPy adds in eight partial sums
MOST_HIDDEN = 2_000_000  # numbers of additive attention's hidden layer held at once


@dataclass(frozen=True, slots=True)
class Memory:
    """What is attended to: values [sources, padded time, memory], keys [sources, padded time, units], and their mask.

    `time` is the longest source's; past it all is zero.
    """

    values: Floats
    keys: Floats
    mask: Floats
    time: int

    def take(self, sources: Ids) -> Memory:
        """The memory of these sources only."""
        return Memory(self.values[sources], self.keys[sources], self.mask[sources], self.time)


class Attention:
    """Scores of a decoder state h against a position s (Luong et al. 2015; Bahdanau et al. 2015).

    dot h . m_s; general h W . m_s = h . (m_s W^T); additive v . tanh(h Wq + m_s Wm + b). The keys hold what depends on
    the memory alone.
    """

    def __init__(self, weights: Weights, kind: str) -> None:
        self.kind = kind
        self.weights = {name.removeprefix("attention."): weights[name] for name in weights if "attention." in name}
        if kind == "general":
            self.to_keys = Panels.of(self.weights["kernel"].T)  # [memory, units]
        elif kind == "additive":
            self.to_keys = Panels.of(self.weights["memory_kernel"])  # [memory, attention]

    def remember(self, values: Floats, mask: Floats) -> Memory:
        """Prepare the keys of an encoder memory [sources, time, memory].

        Time is padded to a multiple of EVEN: sums over it then are the same to the last bit however far it is padded.
        """
        time = values.shape[1]
        if spare := -time % EVEN:
            values = np.pad(values, ((0, 0), (0, spare), (0, 0)))
            mask = np.pad(mask, ((0, 0), (0, spare)))
        flat = values.reshape(-1, values.shape[2])  # [sources * time, memory]
        if self.kind == "general":
            flat = product(flat, self.to_keys)  # [sources * time, units]
        elif self.kind == "additive":
            flat = product(flat, self.to_keys) + self.weights["bias"]  # [sources * time, attention]
        return Memory(values, flat.reshape(*values.shape[:2], -1), mask, time)

    def attend(self, queries: Floats, memory: Memory) -> tuple[Floats, Floats]:
        """Queries [sources, n, units] -> contexts [sources, n, memory] and weights [sources, n, time]."""
        if queries.shape[1] == 1:  # two are multiplied in the order that many are, one alone is not
            contexts, weights = self.attend(np.repeat(queries, 2, axis=1), memory)
            return contexts[:, :1], weights[:, :1]
        scores = (
            self._additive(queries, memory) if self.kind == "additive" else queries @ memory.keys.transpose(0, 2, 1)
        )
        weights = masked_softmax(scores, memory.mask[:, None, :])  # [sources, n, time]
        return weights @ memory.values, weights[:, :, : memory.time]

    def _additive(self, queries: Floats, memory: Memory) -> Floats:
        """Scores [sources, n, time], a few queries at a time: each needs [time, attention] numbers."""
        hidden = queries @ self.weights["query_kernel"]  # [sources, n, attention]
        scores = np.empty((*hidden.shape[:2], memory.keys.shape[1]), np.float32)
        together = max(1, MOST_HIDDEN // memory.keys[0].size)
        for source, keys in enumerate(memory.keys):
            for first in range(0, hidden.shape[1], together):
                some = slice(first, first + together)
                sums = hidden[source, some, None, :] + keys  # [some, time, attention]
                scores[source, some] = np.tanh(sums, out=sums) @ self.weights["energy"]
        return scores


def masked_softmax(scores: Floats, mask: Floats) -> Floats:
    """Softmax over the last axis where mask is 1, exactly 0 elsewhere; all 0 where nothing is real."""
    scores = np.where(mask > 0, scores, np.float32(-1e30))
    scores -= scores.max(axis=-1, keepdims=True)
    weights = np.exp(scores, out=scores)
    weights *= mask
    weights /= np.maximum(weights.sum(axis=-1, keepdims=True), np.float32(1e-30))
    return weights


def slots_of(sources: Ids) -> Ids:
    """The number of each row among the rows of the same source: [0, 0, 1, 0] for sources [2, 0, 0, 1]."""
    order = np.argsort(sources, kind="stable")
    counts = np.bincount(sources)
    starts = np.cumsum(counts) - counts
    slots = np.empty(len(sources), np.int64)
    slots[order] = np.arange(len(sources)) - starts[sources[order]]
    return slots
