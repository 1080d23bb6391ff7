from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from chatbot.decoding.sampling import draw, generator, greatest, nucleus
from chatbot.settings import DecodingSettings
from chatbot.text.special import EOS_ID

WEIGHTS = arrays(np.float64, st.integers(1, 30), elements=st.integers(1, 6).map(float))
SCORES = np.log(np.array([0.1, 0.4, 0.2, 0.3], np.float32))


def drawn(uniforms: list[float], **values: float) -> list[int]:
    settings = DecodingSettings(**{"temperature": 1.0, **values})
    return [draw(SCORES, settings, uniform) for uniform in uniforms]


def test_a_uniform_number_becomes_an_id() -> None:
    assert drawn([0.0, 0.09, 0.11, 0.49, 0.51, 0.69, 0.71, 1 - 2**-53]) == [0, 0, 1, 1, 2, 2, 3, 3]


def test_the_top_k_and_the_nucleus_leave_the_likeliest() -> None:
    assert drawn([0.0, 0.56, 0.58, 0.999], top_k=2) == [1, 1, 3, 3]
    assert drawn([0.0, 0.56, 0.58, 0.999], top_p=0.6) == [1, 1, 3, 3]
    assert drawn([0.0, 0.999], top_p=0.39) == [1, 1]
    assert drawn([0.0, 0.999], top_k=3, top_p=0.1) == [1, 1]
    assert drawn([0.0, 0.999], top_k=99, top_p=1.0) == [0, 3]


def test_a_high_temperature_evens_the_odds_and_a_low_one_sharpens_them() -> None:
    grid = [(n + 0.5) / 1000 for n in range(1000)]
    assert drawn(grid, temperature=0.5).count(1) == pytest.approx(533.3, abs=2)
    assert drawn(grid, temperature=10.0).count(1) == pytest.approx(264.8, abs=2)


def test_what_is_blocked_is_never_drawn() -> None:
    scores = np.array([-np.inf, 0, -np.inf, 0, -np.inf], np.float32)
    settings = DecodingSettings(temperature=1.0)
    assert [draw(scores, settings, uniform) for uniform in (0.0, 0.49, 0.51, 1 - 2**-53)] == [1, 1, 3, 3]
    assert draw(np.full(9, -np.inf, np.float32), settings, 0.5) == EOS_ID


@given(WEIGHTS, st.data())
def test_the_greatest_are_those_of_a_stable_sort(weights: np.ndarray, data: st.DataObject) -> None:
    count = data.draw(st.integers(1, len(weights)))
    expected = np.argsort(-weights, kind="stable")[:count]
    assert greatest(weights, count).tolist() == sorted(expected.tolist())


@given(WEIGHTS, st.floats(0, 0.999))
def test_a_nucleus_is_the_smallest_that_holds_the_mass(weights: np.ndarray, mass: float) -> None:
    kept = nucleus(weights, mass)
    assert len(kept) >= 1
    assert weights[kept].sum() >= mass * weights.sum() * (1 - 1e-12)
    assert weights[kept].sum() - weights[kept].min() <= mass * weights.sum() * (1 + 1e-12) or len(kept) == 1


def test_each_seed_and_each_sample_has_numbers_of_its_own() -> None:
    first = {(seed, number): generator(seed, number).random() for seed in (0, 1, 2**63 - 1) for number in range(4)}
    assert len(set(first.values())) == len(first)
    assert generator(1, 0).random() == np.random.default_rng(1).random()
