"""The same replies, each scored after a stranger's context: how much worse shows how much the context is used.

A model whose perplexity does not rise is a language model that ignores what it was told.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chatbot.corpus.counts import Progress, silent
from chatbot.evaluation.likelihood import Floats, Ids, Integers, Score, score_replies


def score_swapped(score: Score, sources: Sequence[Ids], targets: Sequence[Ids], progress: Progress = silent) -> Floats:
    """Negative log-likelihood of every reply given another reply's source, float64 [replies], nats."""
    other = derangement(len(sources))
    return score_replies(score, [sources[i] for i in other], targets, progress)


def derangement(count: int, seed: int = 0) -> Integers:
    """A permutation of range(count) that moves everything: a random circle, each place taking from the next on it.

    The same for the same count and seed. Of a single item there is none: it stays.
    """
    circle = np.random.default_rng(seed).permutation(count)
    taken = np.empty(count, np.int64)
    taken[circle] = np.roll(circle, -1)
    return taken
