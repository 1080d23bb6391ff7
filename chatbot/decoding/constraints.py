"""Log-probabilities -> scores: what may not come next becomes -inf, what was said before is penalised."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

import numpy as np

from chatbot.decoding.stepper import Floats
from chatbot.settings import DecodingSettings
from chatbot.text.special import BOS_ID, EOS_ID, OTHER_ID, PAD_ID, SELF_ID, UNK_ID

FORBIDDEN = (PAD_ID, UNK_ID, BOS_ID, SELF_ID, OTHER_ID)


def constrained(
    log_probs: Floats, said: Sequence[tuple[int, ...]], settings: DecodingSettings, forbidden: Collection[int]
) -> Floats:
    """Scores [rows, vocabulary], a new array, of the next id after the ids `said[row]` so far.

    -inf: the `forbidden` ids, eos before `min_length` tokens, and an id that would say an n-gram twice. Ids said before
    lose log(repetition_penalty), which divides their odds. Where nothing is left the row may only end: eos keeps its
    log-probability, whatever `min_length` says.
    """
    scores = log_probs.copy()
    scores[:, list(forbidden)] = -np.inf
    penalty = np.float32(math.log(settings.repetition_penalty))
    for row, ids in zip(scores, said, strict=True):
        if len(ids) < settings.min_length:
            row[EOS_ID] = -np.inf
        if ids and penalty:
            row[list(set(ids))] -= penalty
        row[repeating(ids, settings.no_repeat_ngram)] = -np.inf
    stuck = ~np.isfinite(scores.max(axis=1))
    scores[stuck, EOS_ID] = log_probs[stuck, EOS_ID]
    return scores


def repeating(ids: tuple[int, ...], size: int) -> list[int]:
    """The ids that would end an n-gram of this size that `ids` already hold; none where size is 0."""
    if size == 0 or len(ids) < size:
        return []
    before = ids[len(ids) - size + 1 :]
    starts = range(len(ids) - size + 1)
    return [ids[start + size - 1] for start in starts if ids[start : start + size - 1] == before]
