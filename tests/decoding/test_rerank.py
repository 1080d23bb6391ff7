from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.decoding.rerank import Part, order, parts_of_each, total

SCORES = st.lists(st.floats(-10, 0), min_size=1, max_size=6)


@given(SCORES, st.floats(-3, 3), st.data())
def test_the_total_is_the_weighted_sum(scores: list[float], weight: float, data: st.DataObject) -> None:
    values = data.draw(st.lists(st.floats(0, 1), min_size=len(scores), max_size=len(scores)))
    parts = parts_of_each(scores, {"likeness": values}, {"likeness": weight})
    assert [total(one) for one in parts] == pytest.approx(
        [score + weight * value for score, value in zip(scores, values, strict=True)]
    )
    assert parts[0] == {"model": Part(scores[0], 1.0), "likeness": Part(values[0], weight)}


@given(SCORES)
def test_the_order_is_best_first_and_leaves_equals_as_they_are(scores: list[float]) -> None:
    places = order(scores)
    assert sorted(places) == list(range(len(scores)))
    for one, other in pairwise(places):
        assert (-scores[one], one) < (-scores[other], other)
