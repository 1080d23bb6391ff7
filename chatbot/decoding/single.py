"""The loop that greedy search and sampling share: each row grows by one chosen id a step until it chooses eos."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import numpy as np

from chatbot.decoding.constraints import constrained
from chatbot.decoding.growing import Growing
from chatbot.decoding.hypothesis import Hypothesis
from chatbot.decoding.stepper import Floats, Ids, State, Stepper
from chatbot.settings import DecodingSettings
from chatbot.text.special import BOS_ID, EOS_ID

Pick = Callable[[Floats, Ids], Ids]
"""Scores [rows, vocabulary] and the numbers of the rows -> one id a row."""


def grow(
    stepper: Stepper,
    state: State,
    lengths: Sequence[int],
    settings: DecodingSettings,
    pick: Pick,
    forbidden: Collection[int],
    stop: Callable[[], bool] | None,
) -> list[Hypothesis]:
    """One hypothesis a row of `state`; `lengths[row]` is the length of its source.

    A row is cut (not finished) when `stop` answers true, or when eos does not follow its `max_length` tokens.
    """
    grown = [Growing() for _ in lengths]
    done = [False] * len(lengths)
    running = np.arange(len(lengths))
    previous = np.full(len(lengths), BOS_ID, np.int64)
    for moment in range(settings.max_length + 1):
        if not len(running) or (stop is not None and stop()):
            break
        log_probs, state = stepper.step(previous, state)
        scores = constrained(log_probs, [grown[row].ids for row in running], settings, forbidden)
        chosen = pick(scores, running)
        best = scores[np.arange(len(running)), chosen]
        allowed = np.isfinite(best) & ((chosen == EOS_ID) | (moment < settings.max_length))
        for place in np.flatnonzero(allowed):
            row, token = running[place], int(chosen[place])
            attention = None if state.attention is None else state.attention[place, : lengths[row]].copy()
            own = float(log_probs[place, token])
            grown[row] = grown[row].extended(token, own, float(best[place]), attention, int(place))
            done[row] = token == EOS_ID
        going = np.flatnonzero(allowed & (chosen != EOS_ID))
        previous, running = chosen[going], running[going]
        state = state if len(going) == len(chosen) else state.select(going)
    pairs = zip(grown, done, strict=True)
    return [one.hypothesis(finished, settings.length_penalty) for one, finished in pairs]
