from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.decoding.contenders import BLOCK, best_continuations


def by_sorting(scores: np.ndarray, ranks: np.ndarray, owners: np.ndarray, size: int) -> list[tuple[int, int]]:
    found = []
    for owner in sorted(set(owners.tolist())):
        every = [
            (-(ranks[row] + float(scores[row, token])), row, token)
            for row in np.flatnonzero(owners == owner).tolist()
            for token in range(scores.shape[1])
            if scores[row, token] > -np.inf
        ]
        found += [(row, token) for _, row, token in sorted(every)[:size]]
    return found


@given(
    st.integers(0, 10**6),
    st.integers(1, 6),
    st.sampled_from([1, 5, BLOCK, 3 * BLOCK, 5 * BLOCK + 7]),
    st.integers(1, 4),
    st.sampled_from([2, 1000]),
    st.floats(0, 1),
)
def test_the_best_are_those_of_a_full_sort(
    seed: int, rows: int, vocabulary: int, size: int, values: int, blocked: float
) -> None:
    """Few different values make many ties."""
    random = np.random.default_rng(seed)
    scores = -random.integers(0, values, (rows, vocabulary)).astype(np.float32) / 8
    scores[random.random(scores.shape) < blocked] = -np.inf
    ranks, owners = -random.integers(0, 4, rows) / 8, np.sort(random.integers(0, 3, rows))
    found = best_continuations(scores, ranks, owners, size)
    assert list(zip(*(part.tolist() for part in found), strict=True)) == by_sorting(scores, ranks, owners, size)


def test_nothing_is_found_where_all_is_blocked() -> None:
    scores = np.full((2, 9), -np.inf, np.float32)
    rows, ids = best_continuations(scores, np.zeros(2), np.array([0, 1]), 3)
    assert rows.size == ids.size == 0


@pytest.mark.parametrize("size", [1, 100])
def test_a_beam_wider_than_the_vocabulary_takes_all(size: int) -> None:
    rows, ids = best_continuations(np.zeros((1, 8), np.float32), np.zeros(1), np.array([0]), size)
    assert rows.tolist() == [0] * min(size, 8)
    assert ids.tolist() == list(range(min(size, 8)))
