"""Token ids of replies -> an interpolated modified Kneser-Ney n-gram model: beside a network, or what it must beat.

The formula (Chen & Goodman 1998, "An empirical study of smoothing techniques for language modeling", section 3), with
h' the context h without its oldest id and N_i(h .) the number of ids that follow h exactly i times:

    p(w | h) = max(c(hw) - D(c(hw)), 0) / c(h .) + gamma(h) p(w | h'),   p(w) at the very bottom 1 / vocabulary
    gamma(h) = (D1 N1(h .) + D2 N2(h .) + D3 N3+(h .)) / c(h .),         a context never seen leaves p(w | h')
    Y = n1 / (n1 + 2 n2),  D1 = 1 - 2 Y n2 / n1,  D2 = 2 - 3 Y n3 / n2,  D3 (for 3 and more) = 3 - 4 Y n4 / n3

c counts occurrences at the highest order; below it, c(hw) is the number of different ids seen before hw, except where
hw begins a reply (with bos), before which nothing can stand: there it counts occurrences. The n_i are taken from each
order's own c. Where they say nothing (a toy corpus), D is 0.5, 1 and 1.5.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from chatbot.text.special import BOS_ID, EOS_ID

Ids = NDArray[np.int64]
Floats = NDArray[np.float64]

FALLBACK_DISCOUNTS = (0.5, 1.0, 1.5)


def joined(replies: Iterable[Sequence[int] | NDArray[np.integer]]) -> Ids:
    """Replies (ids without bos and eos) one after the other, each between bos and eos; int64 [ids]."""
    parts: list[Sequence[int] | NDArray[np.integer]] = []
    for reply in replies:
        parts += [[BOS_ID], reply, [EOS_ID]]
    return np.concatenate([np.asarray(part, np.int64) for part in parts]) if parts else np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class Order:
    """The n-grams of one length, as a trie level: `keys` = index of the context one level up * vocabulary + last id."""

    keys: Ids  # [types], ascending
    occurrences: Ids  # [types]
    suffixes: Ids  # [types], index one level up of the n-gram without its first id; 0 at the very bottom
    shares: Floats  # [types], max(c - D(c), 0) / c(h .)
    left: Floats  # [contexts], gamma(h), the weight of the lower order; 1 where nothing follows


@dataclass(frozen=True, slots=True)
class NgramModel:
    """Probabilities of the next id given the ids before it in the same reply, at most `len(orders) - 1` of them."""

    vocabulary_size: int
    orders: tuple[Order, ...]

    @classmethod
    def train(cls, ids: Ids, order: int, vocabulary_size: int) -> NgramModel:
        """Count n-grams of lengths 1 to `order` in `joined` replies; memory is a few arrays as long as `ids`."""
        nodes = np.zeros(len(ids), np.int64)  # index of the n-gram that ends here; at length 0 the empty one
        contexts = [1]  # n-grams of each length, the possible contexts of the next
        keys: list[Ids] = []
        counts: list[Ids] = []
        seen: list[tuple[Ids, Ids]] = []  # occurrences and suffixes
        for length in range(1, order + 1):
            context = contexts_of(nodes, ids, length)
            places = np.flatnonzero(context >= 0)
            if length > 1 and not len(places):  # no reply is as long as that
                break
            found, first, inverse, occurrences = np.unique(
                context[places] * vocabulary_size + ids[places],
                return_index=True,
                return_inverse=True,
                return_counts=True,
            )
            if counts:  # one more id seen before each n-gram one shorter
                before = np.bincount(nodes[places[first]], minlength=contexts[-1])
                counts[-1] = np.where(before > 0, before, counts[-1])
            seen.append((occurrences, nodes[places[first]]))
            nodes = np.full(len(ids), -1)
            nodes[places] = inverse
            keys.append(found)
            counts.append(occurrences)
            contexts.append(len(found))
        counts[0] = np.where(keys[0] == BOS_ID, 0, counts[0])  # bos is a context, never predicted
        levels = zip(keys, seen, counts, contexts, strict=False)
        return cls(vocabulary_size, tuple(_smoothed(*level, vocabulary_size) for level in levels))

    def log_probs(self, ids: Ids) -> Floats:
        """Natural log-probability of every id of `joined` replies given those before it; 0 at each bos. [ids]"""
        return log_probs(self.orders, ids, self.vocabulary_size)


class Level(Protocol):
    """The n-grams of one length, as far as probabilities need them."""

    @property
    def keys(self) -> Ids:
        """As in `Order`."""
        ...

    @property
    def shares(self) -> NDArray[Any]:
        """As in `Order`."""
        ...

    @property
    def left(self) -> NDArray[Any]:
        """As in `Order`."""
        ...


def log_probs(levels: Sequence[Level], ids: Ids, vocabulary_size: int) -> Floats:
    """Natural log-probability of every id of `joined` replies given those before it; 0 at each bos. [ids]"""
    probs = np.full(len(ids), 1 / vocabulary_size)
    nodes = np.zeros(len(ids), np.int64)
    for length, level in enumerate(levels, start=1):
        context = contexts_of(nodes, ids, length)
        at, found = place_of(level, context, ids, vocabulary_size)
        higher = np.where(found, level.shares[at], 0) + level.left[context] * probs
        probs = np.where(context >= 0, higher, probs)
        nodes = np.where(found, at, -1)
    return np.where(ids == BOS_ID, 0.0, np.log(probs))


def place_of(level: Level, contexts: Ids, ids: Ids, vocabulary_size: int) -> tuple[Ids, NDArray[np.bool_]]:
    """Where the n-grams of contexts and ids [n] are in a level, and whether they are there; context -1 has none."""
    wanted = contexts * vocabulary_size + ids
    at = np.minimum(np.searchsorted(level.keys, wanted), len(level.keys) - 1)
    return at, (contexts >= 0) & (level.keys[at] == wanted)


def contexts_of(nodes: Ids, ids: Ids, length: int) -> Ids:
    """Index of the (length - 1)-gram before each place, -1 where there is none or it was never seen."""
    if length == 1:
        return nodes
    before = np.concatenate([np.full(1, -1), nodes[:-1]])
    return np.where(ids == BOS_ID, -1, before)


def _smoothed(keys: Ids, seen: tuple[Ids, Ids], counts: Ids, contexts: int, vocabulary_size: int) -> Order:
    context = keys // vocabulary_size
    kinds = np.minimum(counts, 3)  # 1, 2, 3 and more
    discounts = np.array([0.0, *_discounts(counts)])[kinds]
    totals = np.bincount(context, weights=counts, minlength=contexts)
    kept_back = np.bincount(context, weights=discounts, minlength=contexts)
    followed = totals > 0
    safe = np.where(followed, totals, 1.0)
    return Order(keys, *seen, (counts - discounts) / safe[context], np.where(followed, kept_back / safe, 1.0))


def _discounts(counts: Ids) -> tuple[float, float, float]:
    """D1, D2, D3+ from the counts of counts; the fallback where those give none or none within 0 to i."""
    n1, n2, n3, n4 = (int(np.count_nonzero(counts == i)) for i in (1, 2, 3, 4))
    if not (n1 and n2 and n3):
        return FALLBACK_DISCOUNTS
    y = n1 / (n1 + 2 * n2)
    found = (1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3)
    return found if all(0 <= d <= i for i, d in enumerate(found, start=1)) else FALLBACK_DISCOUNTS
