"""Every reply is scored after somebody else's context."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from chatbot.evaluation.context_swap import derangement, score_swapped


@given(st.integers(2, 200), st.integers(0, 5))
def test_a_derangement_moves_everything_and_loses_nothing(count, seed):
    taken = derangement(count, seed)
    assert sorted(taken.tolist()) == list(range(count))
    assert (taken != np.arange(count)).all()
    np.testing.assert_array_equal(taken, derangement(count, seed))


def test_seeds_differ():
    assert derangement(50, 0).tolist() != derangement(50, 1).tolist()


def test_scores_are_those_of_the_swapped_sources():
    def score(sources, targets):
        return [np.array([0.0 if s == t else -1.0]) for s, t in zip(sources, targets, strict=True)]

    rows = [np.array([n], np.int32) for n in range(10)]
    assert score_swapped(score, rows, rows).tolist() == [1.0] * 10


def test_one_alone_cannot_move():
    assert derangement(1).tolist() == [0]
    assert derangement(0).tolist() == []
