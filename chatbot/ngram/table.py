"""An n-gram model as a bundle holds it, some four bytes an n-gram, opened into arrays that answer quickly.

With h' the context h without its oldest id:

    p(w | h) = share(w | h) + (1 - sum of the shares after h) p(w | h'),   p(w) at the very bottom 1 / vocabulary

What a context's shares leave is all that lower orders get, so that probabilities sum to one whatever was left out or
rounded; it is never nothing. A share is a code c, 0 for none and else 10 ** (-7 (255 - c) / 254): steps of 6.5 %,
rounded down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from chatbot.ngram.kneser_ney import Floats, Ids, log_probs, place_of
from chatbot.text.special import BOS_ID

LARGEST_CODE, DECADES = 255, 7
SHARES = np.concatenate([[0.0], 10.0 ** (-DECADES * (LARGEST_CODE - np.arange(1, 256)) / (LARGEST_CODE - 1))])
"""Code -> share, float64 [256]."""
LEAST_LEFT = 1e-9  # of a context's probability, to lower orders


class Stored(NamedTuple):
    """The n-grams of one length, in order of their contexts, which are those one shorter."""

    ids: NDArray[np.unsignedinteger[Any]]  # [types], the last id of each, rising within a context
    codes: NDArray[np.uint8]  # [types]
    followed: NDArray[np.uint8]  # [contexts / 8, rounded up], a bit a context: whether any n-gram continues it
    followers: NDArray[np.unsignedinteger[Any]]  # [contexts with that bit], how many do


@dataclass(frozen=True, slots=True)
class _Level:
    """The same, opened."""

    keys: Ids  # [types], context * vocabulary + last id, rising
    shares: NDArray[np.float32]  # [types]
    first: Ids  # [contexts + 1], where each context's n-grams begin
    left: NDArray[np.float32]  # [contexts], what its shares leave to lower orders


class NgramTable:
    """Probabilities of the next id, given those before it in the same reply.

    What is remembered of a reply so far is a row of `nodes` [orders]: for each length below the highest, from 0, the
    index of the n-gram that ends it, -1 where that was never seen.
    """

    def __init__(self, vocabulary_size: int, levels: Sequence[Stored]) -> None:
        """Raises `ValueError` for arrays that do not fit together, for which sums of shares could pass one."""
        self.vocabulary_size = vocabulary_size
        self.stored = tuple(levels)
        self._levels: list[_Level] = []
        contexts = 1
        for level in levels:
            self._levels.append(_opened(level, contexts, vocabulary_size))
            contexts = len(level.ids)
        lowest = self._levels[0]
        self._unigrams = np.full(vocabulary_size, lowest.left[0] / vocabulary_size, np.float32)
        self._unigrams[lowest.keys] += lowest.shares

    def start(self, rows: int) -> Ids:
        """The nodes [rows, orders] of replies that have not begun."""
        nodes = np.full((rows, len(self._levels)), -1, np.int64)
        nodes[:, 0] = 0
        return nodes

    def after(self, nodes: Ids, ids: Ids) -> Ids:
        """The nodes after one id a row more, [rows, orders]; bos begins a reply."""
        nodes = np.where((ids == BOS_ID)[:, None], self.start(1), nodes)
        grown = self.start(len(nodes))
        for length, level in enumerate(self._levels[:-1], start=1):
            at, found = place_of(level, nodes[:, length - 1], ids, self.vocabulary_size)
            grown[:, length] = np.where(found, at, -1)
        return grown

    def probabilities(self, nodes: Ids) -> NDArray[np.float32]:
        """Of every id being the next, [rows, vocabulary]."""
        weights = np.ones(len(nodes), np.float32)  # what higher orders leave to this one, [rows]
        shares = []  # where in the flat result, and what to add there, of each length but the first
        for length in range(len(self._levels) - 1, 0, -1):
            level, rows = self._levels[length], np.flatnonzero(nodes[:, length] >= 0)
            contexts = nodes[rows, length]
            starts, sizes = level.first[contexts], level.first[contexts + 1] - level.first[contexts]
            begins = np.cumsum(sizes) - sizes  # of each row's n-grams among all of them
            places = np.arange(int(sizes.sum())) + np.repeat(starts - begins, sizes)
            where = np.repeat(rows * self.vocabulary_size, sizes) + self.stored[length].ids[places]
            shares.append((where, level.shares[places] * np.repeat(weights[rows], sizes)))
            weights[rows] *= level.left[contexts]
        found = np.outer(weights, self._unigrams)
        flat = found.reshape(-1)
        for where, values in shares:
            flat[where] += values  # no place stands twice in one length
        return found

    def log_probs(self, ids: Ids) -> Floats:
        """Natural log-probability of every id of `kneser_ney.joined` replies; 0 at each bos. [ids]"""
        return log_probs(self._levels, ids, self.vocabulary_size)

    def following(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """Probabilities of what follows the ids of one reply so far, [vocabulary]."""
        nodes = self.start(1)
        for one in (BOS_ID, *ids):
            nodes = self.after(nodes, np.array([one]))
        return np.asarray(self.probabilities(nodes)[0])


def codes_of(shares: Floats) -> NDArray[np.uint8]:
    """The largest codes whose shares are not above these, 0 to 1; none that leaves nothing to lower orders."""
    with np.errstate(divide="ignore"):
        steps = np.floor(np.log10(shares) * (LARGEST_CODE - 1) / DECADES)
    codes = np.where(steps >= 1 - LARGEST_CODE, LARGEST_CODE + steps, 0)
    return np.asarray(np.minimum(codes, LARGEST_CODE - 1), np.uint8)


def _opened(level: Stored, contexts: int, vocabulary_size: int) -> _Level:
    sizes = np.zeros(contexts, np.int64)
    bits = np.unpackbits(level.followed, count=contexts).astype(bool)
    if int(bits.sum()) != len(level.followers):
        raise ValueError("counts followers of other contexts than those that have any")
    sizes[bits] = level.followers
    if int(sizes.sum()) != len(level.ids):
        raise ValueError("holds more or fewer n-grams than follow its contexts")
    keys = np.repeat(np.arange(contexts) * vocabulary_size, sizes) + level.ids
    if int(level.ids.max(initial=0)) >= vocabulary_size or np.any(np.diff(keys) <= 0):
        raise ValueError("holds an id beyond the vocabulary, twice, or out of order")
    first = np.concatenate([[0], np.cumsum(sizes)])
    shares = SHARES[level.codes]
    sums = np.diff(np.concatenate([[0.0], np.cumsum(shares)])[first])
    if np.any(sums > 1 - LEAST_LEFT):
        raise ValueError("gives the ids after a context all probability, or more")
    return _Level(keys, shares.astype(np.float32), first, (1 - sums).astype(np.float32))
