"""Sources and targets -> the log-probability of every target id under teacher forcing, many rows and steps at a time.

The decoder's LSTM does not read the attention, so that only its recurrence goes step by step; attention and output
layer take all steps together, the output layer in chunks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from chatbot.inference.encoder import padded
from chatbot.inference.lstm import Floats, Ids
from chatbot.text.special import BOS_ID, EOS_ID

if TYPE_CHECKING:
    from chatbot.inference.seq2seq import Seq2SeqStepper

MOST_TOKENS = 4096  # of a batch, padding counted
MOST_LOGITS = 1_000_000  # numbers held at once


def score(stepper: Seq2SeqStepper, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]) -> list[Floats]:
    """For each target (ids without eos) its log-probabilities float32 [len(target) + 1], the last one that of eos."""
    return [log_probs for log_probs, _ in _scored(stepper, sources, targets)]


def behind_best(
    stepper: Seq2SeqStepper, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]
) -> list[Floats]:
    """For each target how far each of its ids, in nats, is behind the likeliest id of its step: [len(target)]."""
    return [behind[:-1] for _, behind in _scored(stepper, sources, targets)]


def _scored(
    stepper: Seq2SeqStepper, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]
) -> list[Floats]:
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


def _score_batch(
    stepper: Seq2SeqStepper, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]
) -> list[Floats]:
    """As `_scored`, for one batch; the targets end with eos and stand in order of falling length."""
    lengths = np.array([len(target) for target in targets], np.int64)
    wanted = padded(targets, lengths)  # [rows, time]
    previous = np.concatenate([np.full((len(targets), 1), BOS_ID), wanted[:, :-1]], axis=1)
    state = stepper.start(sources)
    states = stepper.weights["embedding"][previous]  # [rows, time, embedding]
    for layer, hidden, cell in zip(stepper.layers, state.hidden, state.cell, strict=True):
        states, _, _ = layer.run(states, lengths, hidden, cell)  # [rows, time, units]
    contexts, _ = stepper.attention.attend(states, state.memory)  # [rows, time, memory]
    real = np.arange(wanted.shape[1]) < lengths[:, None]
    picked = _picked(stepper, states[real], contexts[real], wanted[real])
    return np.split(picked, np.cumsum(lengths)[:-1], axis=1)


def _picked(stepper: Seq2SeqStepper, states: Floats, contexts: Floats, wanted: Ids) -> Floats:
    """Log-probabilities and distances [2, n] of wanted ids [n] after states [n, units] and contexts [n, memory]."""
    picked = np.empty((2, len(wanted)), np.float32)
    together = max(1, MOST_LOGITS // stepper.vocabulary_size)
    for first in range(0, len(wanted), together):
        some = slice(first, first + together)
        logits = stepper.logits(states[some], contexts[some])  # [some, vocabulary]
        logits -= logits.max(axis=1, keepdims=True)
        picked[:, some] = logits[np.arange(len(logits)), wanted[some]]
        picked[0, some] -= np.log(np.exp(logits, out=logits).sum(axis=1))
    np.negative(picked[1], out=picked[1])
    return picked
