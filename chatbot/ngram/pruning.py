"""A Kneser-Ney model of millions of n-grams -> the table of those that say most, for a bundle.

What an n-gram hw says is what would be lost without it, weighted by how often it occurred, N(hw) (Seymore & Rosenfeld
1996, "Scalable backoff language models"; here for an interpolated model, where its share would fall to lower orders):

    share(w | h) = p(w | h) - gamma(h) p(w | h')
    gain(hw)     = N(hw) (ln p(w | h) - ln (gamma(h) + share(w | h)) p(w | h'))

or what the best of its continuations says, which need it to stand on.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from chatbot.ngram.kneser_ney import Floats, NgramModel
from chatbot.ngram.table import NgramTable, Stored, codes_of


def pruned(model: NgramModel, most: int) -> NgramTable:
    """The table of all single ids, and of at most `most` longer n-grams, those of highest gain."""
    gains = _gains(model)
    # Of like gains the shorter n-gram comes first: a context before what continues it.
    best = np.argsort(-np.concatenate([np.zeros(0), *gains[1:]]), kind="stable")[:most]
    chosen = np.zeros(sum(map(len, gains[1:])), bool)
    chosen[best] = True
    kept = [np.ones(len(gains[0]), bool), *np.split(chosen, np.cumsum([len(one) for one in gains[1:-1]]))]
    width = np.uint16 if model.vocabulary_size <= 1 << 16 else np.uint32
    lengths = [n for n, own in enumerate(kept) if own.any()]
    return NgramTable(model.vocabulary_size, [_stored(model, kept, n, width) for n in lengths])


def _gains(model: NgramModel) -> list[Floats]:
    """The gain of every n-gram, an array [types] a length."""
    found = []
    below = np.full(1, 1 / model.vocabulary_size)  # probabilities one order lower
    for order in model.orders:
        context = order.keys // model.vocabulary_size
        lower, left = below[order.suffixes], order.left[context]
        below = order.shares + left * lower
        found.append(order.occurrences * (np.log(below) - np.log((left + order.shares) * lower)))
    for longer, shorter, order in zip(found[:0:-1], found[-2::-1], model.orders[:0:-1], strict=True):
        np.maximum.at(shorter, order.keys // model.vocabulary_size, longer)
    return found


def _stored(
    model: NgramModel, kept: list[NDArray[np.bool_]], n: int, width: type[np.uint16] | type[np.uint32]
) -> Stored:
    """The kept n-grams of length n + 1; the context of a kept one is kept."""
    order, own = model.orders[n], kept[n]
    context, ids = np.divmod(order.keys[own], model.vocabulary_size)
    codes = codes_of(order.shares[own])
    contexts = np.flatnonzero(kept[n - 1]) if n else np.zeros(1, np.int64)  # of the kept ones, as the model counts them
    followers = np.bincount(np.searchsorted(contexts, context), minlength=len(contexts))
    return Stored(ids.astype(width), codes, np.packbits(followers > 0), followers[followers > 0].astype(width))
