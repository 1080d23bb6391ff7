"""How much an n-gram model should count beside a network: the share under which held-out text is likeliest."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from chatbot.ngram.kneser_ney import Floats

ROUNDS = 30
BEGIN = 0.3
SMALLEST = 0.001


def mixed(own: NDArray[np.floating[Any]], known: Floats, share: float) -> Floats:
    """Natural log-probabilities of ids, from those of the network and those of the n-gram model."""
    return np.asarray(np.logaddexp(own + np.log1p(-share), known + np.log(share)))


def best_share(own: Floats, known: Floats) -> float:
    """The share of the n-gram model that makes ids likeliest together, by expectation-maximisation.

    (Jelinek & Mercer 1980, "Interpolated estimation of Markov source parameters from sparse data".) The arrays are
    natural log-probabilities of the same ids. Not 0 and not 1, for a mixture must foresee what either of them cannot.
    """
    share = BEGIN
    for _ in range(ROUNDS if len(own) else 0):
        share = float(np.exp(known + np.log(share) - mixed(own, known, share)).mean())
        share = min(max(share, SMALLEST), 1.0 - SMALLEST)
    return share
