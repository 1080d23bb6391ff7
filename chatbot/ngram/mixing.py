"""How much an n-gram model should count beside a network: the share under which held-out text is likeliest."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from chatbot.ngram.kneser_ney import Floats

HALVINGS = 40
SMALLEST = 0.001


def mixed(own: NDArray[np.floating[Any]], known: Floats, share: float) -> Floats:
    """Natural log-probabilities of ids, from those of the network and those of the n-gram model."""
    return np.asarray(np.logaddexp(own + np.log1p(-share), known + np.log(share)))


def best_share(own: Floats, known: Floats) -> float:
    """The share of the n-gram model that makes ids likeliest together (Jelinek & Mercer 1980, by bisection).

    The arrays are natural log-probabilities of the same ids. The likelihood is concave in the share s, so that its
    slope, the sum of (p_ngram - p_network) / ((1 - s) p_network + s p_ngram), changes sign once. Neither 0 nor 1, for a
    mixture must foresee what either of the two cannot.
    """
    low, high = SMALLEST, 1.0 - SMALLEST
    ratios = np.expm1(np.clip(known - own, -700, 700))  # p_ngram / p_network - 1
    for _ in range(HALVINGS):
        share = (low + high) / 2
        if np.sum(ratios / (1.0 + share * ratios)) > 0:
            low = share
        else:
            high = share
    return (low + high) / 2
