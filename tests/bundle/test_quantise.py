from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from chatbot.bundle.quantise import as_stored, quantise_rows, stored_dtype, widen_rows

MATRICES = arrays(
    np.float32, st.tuples(st.integers(1, 6), st.integers(1, 9)), elements=st.floats(-9000, 9000, width=32)
)


@given(MATRICES)
def test_the_error_is_at_most_half_a_step(matrix: np.ndarray) -> None:
    steps, scale = quantise_rows(matrix)
    assert steps.dtype == np.int8
    assert scale.dtype == np.float32
    error = np.abs(widen_rows(steps, scale).astype(np.float64) - matrix)
    assert (error <= 0.5001 * scale[:, None] + 1e-37).all()


def test_zeros_stay_and_the_largest_is_kept() -> None:
    matrix = np.array([[0, 0, 0], [-4, 1, 2]], np.float32)
    widened = widen_rows(*quantise_rows(matrix))
    assert widened[0].tolist() == [0, 0, 0]
    assert widened[1, 0] == -4


def test_one_large_row_does_not_spoil_the_others() -> None:
    matrix = np.array([[1000, 500], [0.001, 0.0005]], np.float32)
    assert widen_rows(*quantise_rows(matrix)) == pytest.approx(matrix, rel=0.01)


def test_small_and_flat_arrays_are_not_narrowed() -> None:
    assert stored_dtype((32, 32), "int8") == "int8"
    assert stored_dtype((31, 33), "int8") == "float32"
    assert stored_dtype((5000,), "float16") == "float32"
    weights = {"flat": np.full(5000, 0.1, np.float32), "matrix": np.full((32, 32), 0.1, np.float32)}
    stored = as_stored(weights, "float16")
    assert np.array_equal(stored["flat"], weights["flat"])
    assert np.array_equal(stored["matrix"], weights["matrix"].astype(np.float16).astype(np.float32))
