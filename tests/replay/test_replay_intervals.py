"""Intervals: Wilson's against published values, the bootstrap against what it must contain."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.replay.intervals import mean, share


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),  # Newcombe (1998), Statistics in Medicine 17, table I, method 3
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson(count: int, of: int, low: float, high: float) -> None:
    found = share(count, of)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_of_nothing_there_is_none() -> None:
    assert share(0, 0) is None
    assert mean([]) is None
    assert mean([[], []]) is None


@given(st.integers(1, 500).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_a_share_lies_in_its_interval(case: tuple[int, int]) -> None:
    found = share(*case)
    assert found is not None
    assert 0 <= found.low <= found.value <= found.high <= 1


def test_a_mean_counts_values_and_draws_conversations() -> None:
    alike = mean([[1.0] * 50, [3.0] * 50])
    mixed = mean([[1.0, 3.0]] * 50)
    assert alike is not None
    assert mixed is not None
    assert alike.value == mixed.value == 2.0
    assert alike.of == mixed.of == 100
    assert (alike.low, alike.high) == (1.0, 3.0)  # two conversations tell little, however long they are
    assert (mixed.low, mixed.high) == (2.0, 2.0)


def test_of_one_conversation_its_replies_are_drawn() -> None:
    found = mean([[0.0, 1.0] * 20])
    assert found is not None
    assert 0.3 < found.low < 0.45 < found.value < 0.55 < found.high < 0.7
    assert mean([[0.0, 1.0] * 20]) == found
