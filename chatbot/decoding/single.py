"""The loop that greedy search and sampling share: each row grows by one chosen id a step until it chooses eos."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from chatbot.decoding.certain import Certain, OnTokens
from chatbot.decoding.constraints import Constraints
from chatbot.decoding.growing import Growing
from chatbot.decoding.hypothesis import Hypothesis
from chatbot.decoding.stepper import Floats, Ids, State, Stepper
from chatbot.text.special import BOS_ID, EOS_ID

Pick = Callable[[Floats, Ids], Ids]
"""Scores [rows, vocabulary] and the numbers of the rows -> one id a row."""


def grow(
    stepper: Stepper,
    state: State,
    sources: Sequence[Sequence[int]],
    owners: Ids,
    constraints: Constraints,
    pick: Pick,
    stop: Callable[[], bool] | None,
    on_tokens: OnTokens | None,
) -> list[Hypothesis]:
    """One hypothesis a row of `state`, which replies to source `owners[row]`.

    A row is cut (not finished) when `stop` answers true, or when eos does not follow its `max_length` tokens.
    `on_tokens` hears what all rows agree on.
    """
    settings, certain = constraints.settings, Certain(on_tokens)
    grown = [Growing() for _ in owners]
    done = [False] * len(owners)
    running = np.arange(len(owners))
    previous = np.full(len(owners), BOS_ID, np.int64)
    for moment in range(settings.max_length + 1):
        if not len(running) or (stop is not None and stop()):
            break
        log_probs, state = stepper.step(previous, state)
        scores = constraints.scores(log_probs, [grown[row].ids for row in running], owners[running])
        chosen = pick(scores, running)
        best = scores[np.arange(len(running)), chosen]
        allowed = np.isfinite(best) & ((chosen == EOS_ID) | (moment < settings.max_length))
        for place in np.flatnonzero(allowed):
            row, token = running[place], int(chosen[place])
            length = len(sources[owners[row]])
            attention = None if state.attention is None else state.attention[place, :length].copy()
            own = float(log_probs[place, token])
            grown[row] = grown[row].extended(token, own, float(best[place]), attention, int(place))
            done[row] = token == EOS_ID
        certain.tell(one.ids for one in grown)
        going = np.flatnonzero(allowed & (chosen != EOS_ID))
        previous, running = chosen[going], running[going]
        state = state if len(going) == len(chosen) else state.select(going)
    return [one.hypothesis(finished, settings) for one, finished in zip(grown, done, strict=True)]
