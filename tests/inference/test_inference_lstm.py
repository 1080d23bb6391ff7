from __future__ import annotations

import math

import numpy as np
import pytest

import chatbot.inference.product as product_module
from chatbot.inference.lstm import LSTM
from chatbot.inference.product import TOGETHER, Panels, product

PARTS = ("kernel", "recurrent_kernel", "bias")
RANDOM = np.random.default_rng(1)


def normal(*shape: int) -> np.ndarray:
    return RANDOM.normal(0, 1, shape).astype(np.float32)


def weights(inputs: int = 3, units: int = 4) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return normal(inputs, 4 * units), normal(units, 4 * units), normal(4 * units)


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def by_hand(
    parts: tuple[np.ndarray, np.ndarray, np.ndarray], x: np.ndarray, h: np.ndarray, c: np.ndarray
) -> tuple[list[float], list[float]]:
    """One step, one unit at a time, as the formula is written."""
    kernel, recurrent_kernel, bias = parts
    units = len(recurrent_kernel)
    gates = [
        sum(float(x[i]) * float(kernel[i, u]) for i in range(len(x)))
        + sum(float(h[i]) * float(recurrent_kernel[i, u]) for i in range(units))
        + float(bias[u])
        for u in range(4 * units)
    ]
    cells = [
        sigmoid(gates[units + u]) * float(c[u]) + sigmoid(gates[u]) * math.tanh(gates[2 * units + u])
        for u in range(units)
    ]
    return [sigmoid(gates[3 * units + u]) * math.tanh(cells[u]) for u in range(units)], cells


def test_a_step_is_the_formula() -> None:
    parts, x, h, c = weights(), normal(2, 3), normal(2, 4), normal(2, 4)
    lstm = LSTM(*parts)
    hidden, cell = lstm.step(lstm.project(x), h, c)
    for row in range(2):
        expected = by_hand(parts, x[row], h[row], c[row])
        assert hidden[row] == pytest.approx(expected[0], abs=1e-6)
        assert cell[row] == pytest.approx(expected[1], abs=1e-6)


def test_gates_that_are_far_out_saturate_and_do_not_overflow() -> None:
    lstm = LSTM(np.full((1, 4), 1e9, np.float32), np.zeros((1, 4), np.float32), np.zeros(4, np.float32))
    one = np.ones((1, 1), np.float32)
    for sign in (1, -1):
        hidden, cell = lstm.step(lstm.project(sign * one), one, one)
        assert np.isfinite([hidden, cell]).all()


def test_rows_stop_at_their_own_length() -> None:
    lstm, inputs, start = LSTM(*weights()), normal(3, 5, 3), normal(3, 4)
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
    lstm, start = LSTM(*weights()), np.zeros((1, 4), np.float32)
    lstm.run(normal(1, 3, 3), np.array([3]), start, start)
    assert (start == 0).all()


def test_layers_side_by_side_are_each_what_they_are_alone() -> None:
    named = {f"{name}.{part}": array for name in "ab" for part, array in zip(PARTS, weights(), strict=True)}
    both, inputs, start = LSTM.of(named, "a", "b"), normal(2, 3, 5, 3), normal(2, 3, 4)
    lengths = np.array([5, 3, 1])
    found = both.run(inputs, lengths, start, start)
    for number, name in enumerate("ab"):
        alone = LSTM.of(named, name).run(inputs[number], lengths, start[number], start[number])
        for one, other in zip(found, alone, strict=True):
            assert one[number] == pytest.approx(other, abs=1e-6)


@pytest.fixture(params=[True, False], ids=["small", "usual"])
def kernels(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways to multiply, whatever processor this is."""
    monkeypatch.setattr(product_module, "SMALL_PRODUCTS", request.param)


@pytest.mark.usefixtures("kernels")
@pytest.mark.parametrize("units", [1, 64, 130])
@pytest.mark.parametrize("rows", [0, 1, 2, TOGETHER, TOGETHER + 1, 2 * TOGETHER + 3])
def test_the_product_is_the_same_for_few_rows_and_many(rows: int, units: int) -> None:
    left, right = normal(rows, 6), normal(units, 6).T
    found = product(left, Panels.of(right))
    assert (found.dtype, found.shape) == (np.float32, (rows, units))
    assert found == pytest.approx(left.astype(np.float64) @ right.astype(np.float64), abs=1e-5)


@pytest.mark.usefixtures("kernels")
@pytest.mark.parametrize("rows", [1, 3, TOGETHER + 1])
def test_matrices_side_by_side_are_multiplied_each_with_its_rows(rows: int) -> None:
    left, right = normal(2, rows, 6), normal(2, 6, 70)
    assert product(left, Panels.of(right)) == pytest.approx(left @ right, abs=1e-5)


def test_the_rows_of_a_very_wide_matrix_are_multiplied_two_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(product_module, "SMALL_PRODUCTS", True)
    monkeypatch.setattr(product_module, "SMALL", 100)
    left, right = normal(5, 6), normal(6, 9)
    assert product(left, Panels.of(right)) == pytest.approx(left @ right, abs=1e-5)
