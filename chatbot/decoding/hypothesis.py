"""What decoding yields: token ids with what the model thought of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One finished (or cut) reply.

    `ids` are without bos and eos; `token_log_probs` are the model's own, one per id and, where `finished`, one more for
    eos; `log_prob` is their sum; `score` is what hypotheses were ranked by; `attention` is [len(token_log_probs),
    source_time] where the model gives it.
    """

    ids: tuple[int, ...]
    log_prob: float
    score: float
    finished: bool
    token_log_probs: tuple[float, ...] = ()
    attention: NDArray[np.float32] | None = None
