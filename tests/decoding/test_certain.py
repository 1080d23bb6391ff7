"""What is told while a search goes on is what the best hypothesis begins with."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from alphabet import Alphabet, babbles, ids_of, knows
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from chatbot.decoding.certain import agreed
from chatbot.decoding.search import decode
from chatbot.settings import DecodingSettings

SURE = st.sampled_from([{}, {"temperature": 1.0}])
BROAD = st.sampled_from(
    [
        *({"beam_size": 2}, {"beam_size": 5}, {"beam_size": 5, "coverage_penalty": 0.5}),
        *({"beam_size": 4, "beam_groups": 2}, {"beam_size": 3, "temperature": 0.5}, {"beam_size": 2, "max_length": 2}),
    ]
)
few = hypothesis_settings(max_examples=40)


def told(seed: int, values: dict[str, Any], steps: int = 99) -> tuple[list[tuple[int, ...]], tuple[int, ...]]:
    """What was told, in order, and the best hypothesis."""
    heard: list[tuple[int, ...]] = []
    settings = DecodingSettings(**{"max_length": 8, "min_length": 0, "no_repeat_ngram": 0, **values})
    answers = iter([False] * steps + [True] * 100)
    stepper = Alphabet(babbles(seed, 4), 4)
    best = decode(stepper, [ids_of("ab")], settings, [seed], stop=lambda: next(answers), on_tokens=heard.append)
    return heard, best[0][0].ids


@few
@given(st.integers(0, 1000), SURE, st.integers(0, 9))
def test_one_reply_is_told_token_by_token(seed: int, values: dict[str, Any], steps: int) -> None:
    heard, best = told(seed, values, steps)
    assert heard == [best[:n] for n in range(1, len(best) + 1)]


@few
@given(st.integers(0, 1000), BROAD, st.integers(0, 9))
def test_of_several_what_is_told_grows_and_is_never_taken_back(seed: int, values: dict[str, Any], steps: int) -> None:
    heard, best = told(seed, values, steps)
    for shorter, longer in pairwise([*heard, best]):
        assert longer[: len(shorter)] == shorter
    assert sorted({len(ids) for ids in heard}) == [len(ids) for ids in heard]


def test_a_beam_tells_what_all_agree_on_before_it_ends() -> None:
    heard: list[tuple[int, ...]] = []
    stepper = Alphabet(knows({"abcdefx": 0.4, "abcdefy": 0.35, "abz": 0.25}))
    settings = DecodingSettings(beam_size=2, no_repeat_ngram=0, length_penalty=0.0)
    found = decode(stepper, [[7]], settings, [0], on_tokens=lambda ids: heard.append((len(ids), stepper.steps)))[0]
    assert [len(one.ids) for one in found] == [7, 7]
    assert heard[-1][0] == 6  # all but the last, which they do not agree on
    assert heard[0][0] > 0
    assert heard[0][1] < stepper.steps


def test_tokens_of_many_sources_cannot_be_told() -> None:
    with pytest.raises(ValueError, match="one source at a time, but there are 2"):
        decode(Alphabet(knows({"a": 1.0})), [[7], [8]], DecodingSettings(), [1, 2], on_tokens=print)


@given(st.lists(st.text("ab", max_size=5), min_size=1, max_size=4))
def test_what_is_agreed_is_the_longest_common_beginning(texts: list[str]) -> None:
    common = agreed(texts)
    assert all(text.startswith(common) for text in texts)
    assert len({text[len(common) : len(common) + 1] for text in texts}) > 1 or common in texts


@few
@given(st.integers(0, 1000), BROAD)
def test_every_hypothesis_begins_with_what_was_told(seed: int, values: dict[str, Any]) -> None:
    heard: list[tuple[int, ...]] = []
    settings = DecodingSettings(**{"max_length": 6, "no_repeat_ngram": 0, **values})
    found = decode(Alphabet(babbles(seed, 4), 4), [[7]], settings, [seed], on_tokens=heard.append)[0]
    assert all(one.ids[: len(ids)] == ids for one in found for ids in heard)
