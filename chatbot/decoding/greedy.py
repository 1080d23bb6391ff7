"""Greedy search: the likeliest id at every step."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import numpy as np

from chatbot.decoding.constraints import FORBIDDEN
from chatbot.decoding.hypothesis import Hypothesis
from chatbot.decoding.single import grow
from chatbot.decoding.stepper import Floats, Ids, Stepper
from chatbot.settings import DecodingSettings


def greedy_search(
    stepper: Stepper,
    sources: Sequence[Sequence[int]],
    settings: DecodingSettings,
    forbidden: Collection[int] = FORBIDDEN,
    stop: Callable[[], bool] | None = None,
) -> list[list[Hypothesis]]:
    """One hypothesis a source."""
    lengths = [len(source) for source in sources]
    found = grow(stepper, stepper.start(sources), lengths, settings, likeliest, forbidden, stop)
    return [[hypothesis] for hypothesis in found]


def likeliest(scores: Floats, rows: Ids) -> Ids:
    """The id of the greatest score of each row; the lowest id where several are equal."""
    return np.asarray(scores.argmax(axis=1), np.int64)
