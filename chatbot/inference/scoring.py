"""Sources and targets -> the log-probability of every target id under teacher forcing, many rows and steps at a time.

A decoder's LSTM that does not read the attention (no input feeding) leaves only its recurrence to go step by step;
attention and output layer take all steps together, the output layer in chunks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np

from chatbot.inference.lstm import Floats, Ids
from chatbot.text.special import EOS_ID

MOST_TOKENS = 4096  # of a batch, padding counted
MOST_LOGITS = 1_000_000  # numbers held at once


class Forced(Protocol):
    """A network that reads whole targets at once."""

    @property
    def vocabulary_size(self) -> int:
        """Number of ids."""
        ...

    def forced(self, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]) -> tuple[Floats, ...]:
        """What `logits` reads, arrays [n, ...], before each of the n ids of all targets, one target after the other.

        Targets end with eos and stand in order of falling length.
        """
        ...

    @property
    def logits(self) -> Any:
        """The output layer, called with parts of what `forced` gives: logits [some, vocabulary], a new array."""
        ...


def score(stepper: Forced, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]) -> list[Floats]:
    """For each target (ids without eos) its log-probabilities float32 [len(target) + 1], the last one that of eos."""
    return [log_probs for log_probs, _ in _scored(stepper, sources, targets)]


def behind_best(stepper: Forced, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]) -> list[Floats]:
    """For each target how far each of its ids, in nats, is behind the likeliest id of its step: [len(target)]."""
    return [behind[:-1] for _, behind in _scored(stepper, sources, targets)]


def _scored(stepper: Forced, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]) -> list[Floats]:
    """For each target [2, len(target) + 1]: log-probabilities, and how far they are behind the best; eos is last."""
    lengths = np.array([[len(s), len(t) + 1] for s, t in zip(sources, targets, strict=True)], np.int64).reshape(-1, 2)
    found: dict[int, Floats] = {}
    for rows in batches(lengths):
        picked = _score_batch(stepper, [sources[row] for row in rows], [[*targets[row], EOS_ID] for row in rows])
        found.update(zip(rows.tolist(), picked, strict=True))
    return [found[row] for row in range(len(sources))]


def batches(lengths: Ids) -> Iterator[Ids]:
    """Row numbers in batches of similar sources and at most MOST_TOKENS; longest target first within a batch.

    lengths [rows, 2] are those of sources and targets.
    """
    order = np.lexsort((lengths[:, 1], lengths[:, 0]))
    first = 0
    while first < len(order):
        longest = np.maximum.accumulate(lengths[order[first:]].max(axis=1))
        size = max(1, int(np.searchsorted(longest * np.arange(1, len(longest) + 1), MOST_TOKENS, side="right")))
        rows = order[first : first + size]
        yield rows[np.argsort(-lengths[rows, 1], kind="stable")]
        first += size


def _score_batch(stepper: Forced, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]) -> list[Floats]:
    """As `_scored`, for one batch; the targets end with eos and stand in order of falling length."""
    lengths = np.array([len(target) for target in targets], np.int64)
    picked = _picked(stepper, stepper.forced(sources, targets), np.concatenate([np.asarray(t) for t in targets]))
    return np.split(picked, np.cumsum(lengths)[:-1], axis=1)


def _picked(stepper: Forced, read: tuple[Floats, ...], wanted: Ids) -> Floats:
    """Log-probabilities and distances [2, n] of wanted ids [n] after what the output layer reads, arrays [n, ...]."""
    picked = np.empty((2, len(wanted)), np.float32)
    together = max(1, MOST_LOGITS // stepper.vocabulary_size)
    for first in range(0, len(wanted), together):
        some = slice(first, first + together)
        logits = stepper.logits(*(part[some] for part in read))  # [some, vocabulary]
        logits -= logits.max(axis=1, keepdims=True)
        picked[:, some] = logits[np.arange(len(logits)), wanted[some]]
        picked[0, some] -= np.log(np.exp(logits, out=logits).sum(axis=1))
    np.negative(picked[1], out=picked[1])
    return picked
