from __future__ import annotations

import math

import numpy as np
import pytest

from chatbot.inference.lstm import LSTM
from chatbot.inference.product import FEW_ROWS, product

RANDOM = np.random.default_rng(1)


def normal(*shape: int) -> np.ndarray:
    return RANDOM.normal(0, 1, shape).astype(np.float32)


def layer(inputs: int = 3, units: int = 4) -> LSTM:
    return LSTM(normal(inputs, 4 * units), normal(units, 4 * units), normal(4 * units))


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def by_hand(lstm: LSTM, x: np.ndarray, h: np.ndarray, c: np.ndarray) -> tuple[list[float], list[float]]:
    """One step, one unit at a time, as the formula is written."""
    units = lstm.units
    gates = [
        sum(float(x[i]) * float(lstm.kernel[i, u]) for i in range(len(x)))
        + sum(float(h[i]) * float(lstm.recurrent_kernel[i, u]) for i in range(units))
        + float(lstm.bias[u])
        for u in range(4 * units)
    ]
    cells = [
        sigmoid(gates[units + u]) * float(c[u]) + sigmoid(gates[u]) * math.tanh(gates[2 * units + u])
        for u in range(units)
    ]
    return [sigmoid(gates[3 * units + u]) * math.tanh(cells[u]) for u in range(units)], cells


def test_a_step_is_the_formula() -> None:
    lstm, x, h, c = layer(), normal(2, 3), normal(2, 4), normal(2, 4)
    hidden, cell = lstm.step(lstm.project(x), h, c)
    for row in range(2):
        expected = by_hand(lstm, x[row], h[row], c[row])
        assert hidden[row] == pytest.approx(expected[0], abs=1e-6)
        assert cell[row] == pytest.approx(expected[1], abs=1e-6)


def test_gates_that_are_far_out_saturate_and_do_not_overflow() -> None:
    lstm = LSTM(np.full((1, 4), 1e9, np.float32), np.zeros((1, 4), np.float32), np.zeros(4, np.float32))
    one = np.ones((1, 1), np.float32)
    for sign in (1, -1):
        hidden, cell = lstm.step(lstm.project(sign * one), one, one)
        assert np.isfinite([hidden, cell]).all()


def test_rows_stop_at_their_own_length() -> None:
    lstm, inputs, start = layer(), normal(3, 5, 3), normal(3, 4)
    lengths = np.array([5, 2, 0])
    outputs, hidden, cell = lstm.run(inputs, lengths, start, start)
    assert (outputs[1, 2:] == 0).all()
    assert (outputs[2] == 0).all()
    assert np.array_equal(hidden[2], start[2])
    assert np.array_equal(cell[2], start[2])
    for row, length in enumerate(lengths[:2]):
        alone, h, c = lstm.run(inputs[row : row + 1, :length], np.array([length]), start[[row]], start[[row]])
        assert outputs[row, :length] == pytest.approx(alone[0], abs=1e-6)
        assert hidden[row] == pytest.approx(h[0], abs=1e-6)
        assert cell[row] == pytest.approx(c[0], abs=1e-6)
        assert np.array_equal(outputs[row, length - 1], hidden[row])


def test_the_start_is_left_as_it_was() -> None:
    lstm, start = layer(), np.zeros((1, 4), np.float32)
    lstm.run(normal(1, 3, 3), np.array([3]), start, start)
    assert (start == 0).all()


@pytest.mark.parametrize("rows", [0, 1, FEW_ROWS, FEW_ROWS + 1])
@pytest.mark.parametrize("transposed", [False, True])
def test_the_product_is_the_same_for_few_rows_and_many(rows: int, transposed: bool) -> None:
    left, right = normal(rows, 6), normal(9, 6).T if transposed else normal(6, 9)
    found = product(left, right)
    assert found.dtype == np.float32
    assert found == pytest.approx(left.astype(np.float64) @ right.astype(np.float64), abs=1e-5)
