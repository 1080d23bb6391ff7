"""Golden prompts: a bundle says what plain greedy search answers to them, and loading checks that it still does.

This finds a bundle that trains well and talks gibberish: other gate order, transposed kernel, another tokenizer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from chatbot.bundle.config import BundleConfig, Golden
from chatbot.errors import BundleError
from chatbot.inference.lstm import Floats, Ids
from chatbot.inference.scoring import Forced, behind_best
from chatbot.text.special import BOS_ID, EOS_ID

ROUNDING = 0.01  # nats that a golden id may be behind the likeliest; machines differ by less than 0.001
CLEAR_MARGIN = 0.01  # nats between the likeliest id and the next where a golden reply is made


class Checked(Forced, Protocol):
    """A network that says one id after the other, and can be asked about whole targets."""

    def start(self, sources: Sequence[Sequence[int]]) -> Any:
        """The state after reading each source."""
        ...

    def step(self, previous_ids: Ids, state: Any) -> tuple[Floats, Any]:
        """Log-probabilities [rows, vocabulary] of the next id, and the new state."""
        ...


def check_golden(stepper: Checked, config: BundleConfig) -> None:
    """`BundleError` unless each golden reply, fed id by id, is the likeliest at every step, up to rounding."""
    sources, replies = [g.source_ids for g in config.golden], [g.reply_ids for g in config.golden]
    for number, behind in enumerate(behind_best(stepper, sources, replies), start=1):
        wrong = np.flatnonzero(~(behind <= ROUNDING))  # also what is no number
        if len(wrong):
            raise BundleError(
                f"model '{config.name}' no longer answers its golden prompt {number} as it did when it was made "
                f"(token {wrong[0] + 1}): it is damaged or does not fit this version; get it again, or choose another "
                "with --model"
            )


def make_golden(stepper: Checked, sources: Sequence[Sequence[int]], lengths: Sequence[int]) -> tuple[Golden, ...]:
    """Golden prompts for these sources, each reply cut before eos and before the first id whose margin is not clear."""
    made = []
    for source, (ids, margins) in zip(sources, likeliest_ids(stepper, sources, lengths), strict=True):
        clear = next((i for i, margin in enumerate(margins) if margin < CLEAR_MARGIN or ids[i] == EOS_ID), len(ids))
        if clear:
            made.append(Golden(tuple(source), tuple(ids[:clear])))
    return tuple(made)


def likeliest_ids(
    stepper: Checked, sources: Sequence[Sequence[int]], lengths: Sequence[int]
) -> list[tuple[list[int], list[float]]]:
    """The argmax over all ids, step by step, up to eos (included) or `lengths[i]` ids; and the margins in nats."""
    answers: list[tuple[list[int], list[float]]] = [([], []) for _ in sources]
    if not answers:
        return answers
    state, previous = stepper.start(sources), np.full(len(sources), BOS_ID, np.int64)
    for moment in range(max(lengths)):
        log_probs, state = stepper.step(previous, state)
        previous = log_probs.argmax(axis=1)
        second, first = np.partition(log_probs, -2, axis=1)[:, -2:].T
        for row, (ids, margins) in enumerate(answers):
            if moment < lengths[row] and ids[-1:] != [EOS_ID]:
                ids.append(int(previous[row]))
                margins.append(float(first[row] - second[row]))
    return answers
