"""Greedy search: the likeliest id at every step."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from chatbot.decoding.certain import OnTokens
from chatbot.decoding.constraints import Constraints
from chatbot.decoding.hypothesis import Hypothesis
from chatbot.decoding.rules import USUAL, Rules
from chatbot.decoding.single import grow
from chatbot.decoding.stepper import Floats, Ids, Stepper
from chatbot.settings import DecodingSettings


def greedy_search(
    stepper: Stepper,
    sources: Sequence[Sequence[int]],
    settings: DecodingSettings,
    rules: Rules = USUAL,
    stop: Callable[[], bool] | None = None,
    on_tokens: OnTokens | None = None,
) -> list[list[Hypothesis]]:
    """One hypothesis a source."""
    constraints = Constraints(settings, rules, sources)
    rows = np.arange(len(sources))
    found = grow(stepper, stepper.start(sources), sources, rows, constraints, likeliest, stop, on_tokens)
    return [[hypothesis] for hypothesis in found]


def likeliest(scores: Floats, rows: Ids) -> Ids:
    """The id of the greatest score of each row; the lowest id where several are equal."""
    return np.asarray(scores.argmax(axis=1), np.int64)
