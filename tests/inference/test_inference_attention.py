from __future__ import annotations

import math

import numpy as np
import pytest

from chatbot.inference import attention
from chatbot.inference.attention import Attention, masked_softmax, slots_of

RANDOM = np.random.default_rng(2)
UNITS, MEMORY, HIDDEN = 4, 6, 5


def normal(*shape: int) -> np.ndarray:
    return RANDOM.normal(0, 1, shape).astype(np.float32)


WEIGHTS = {
    "attention.kernel": normal(UNITS, MEMORY),
    "attention.query_kernel": normal(UNITS, HIDDEN),
    "attention.memory_kernel": normal(MEMORY, HIDDEN),
    "attention.bias": normal(HIDDEN),
    "attention.energy": normal(HIDDEN),
}


def score(kind: str, h: np.ndarray, m: np.ndarray) -> float:
    """As the formula of `chatbot.bundle.schema` is written."""
    if kind == "dot":
        return float(h @ m)
    if kind == "general":
        return float(h @ WEIGHTS["attention.kernel"] @ m)
    hidden = h @ WEIGHTS["attention.query_kernel"] + m @ WEIGHTS["attention.memory_kernel"] + WEIGHTS["attention.bias"]
    return float(WEIGHTS["attention.energy"] @ np.tanh(hidden))


@pytest.mark.parametrize("kind", ["dot", "general", "additive"])
@pytest.mark.parametrize("together", [1, 2_000_000])
def test_attention_is_the_formula(kind: str, together: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attention, "MOST_HIDDEN", together)
    values = normal(2, 3, UNITS if kind == "dot" else MEMORY)
    queries, mask = normal(2, 4, UNITS), np.array([[1, 1, 1], [1, 0, 0]], np.float32)
    one = Attention(WEIGHTS, kind)
    contexts, weights = one.attend(queries, one.remember(values, mask))
    assert weights.sum(axis=2) == pytest.approx(np.ones((2, 4)), abs=1e-6)
    assert (weights[1] == np.array([1, 0, 0])).all()
    assert contexts[1] == pytest.approx(np.tile(values[1, 0], (4, 1)), abs=1e-6)
    for n in range(4):
        odds = np.array([math.exp(score(kind, queries[0, n], values[0, s])) for s in range(3)])
        assert weights[0, n] == pytest.approx(odds / odds.sum(), abs=1e-5)
        assert contexts[0, n] == pytest.approx(weights[0, n] @ values[0], abs=1e-5)


def test_a_softmax_of_nothing_is_nothing_and_of_much_is_finite() -> None:
    scores = np.array([[1, 2], [1e30, -1e30], [-1e30, -1e30]], np.float32)
    mask = np.array([[0, 0], [1, 1], [1, 1]], np.float32)
    assert masked_softmax(scores, mask).tolist() == [[0, 0], [1, 0], [0.5, 0.5]]


def test_rows_of_a_source_are_numbered() -> None:
    assert slots_of(np.array([2, 0, 0, 1, 2, 2])).tolist() == [0, 0, 1, 0, 1, 2]
    assert slots_of(np.array([], np.int64)).tolist() == []
