"""Measures of replies against figures counted by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.evaluation.replies import kl_divergence, measure_replies, repeats_trigram, words_of


def test_words_are_those_of_the_measures_definition():
    assert words_of("I don't know... rock'n'roll, eh?") == (
        *("I", "don't", "know", ".", ".", ".", "rock'n", "'", "roll", ",", "eh", "?"),
    )
    assert words_of("") == ()
    assert words_of("the <unk> door") == ("the", "<unk>", "door")


def test_measures_counted_by_hand():
    found = measure_replies(["I see.", "I see.", "No no no no no.", ""], ["I see.", "Oh no."])
    assert found.replies == 4
    assert found.distinct_1 == 5 / 12  # I see . No no
    assert found.distinct_2 == 5 / 9  # I-see see-. No-no no-no no-.
    assert found.mean_length == 12 / 4
    assert found.commonest == "I see."
    assert found.commonest_share == 1 / 2
    assert found.repeated_trigram_share == 1 / 4


def test_replies_that_differ_only_in_spaces_are_the_same():
    assert measure_replies(["Yes .", "Yes.", "No."], ["Yes."]).commonest_share == 2 / 3


def test_nothing_said_at_all():
    found = measure_replies(["", ""], ["Yes."])
    assert (found.distinct_1, found.distinct_2, found.mean_length, found.commonest_share) == (0, 0, 0, 1)
    assert math.isfinite(found.kl)


def test_kl_worked_by_hand():
    # a 2, b 1 against b 1, c 1: with one added to each of a, b, c: 3/6 2/6 1/6 against 1/5 2/5 2/5
    expected = 3 / 6 * math.log(2.5) + 2 / 6 * math.log(5 / 6) + 1 / 6 * math.log(5 / 12)
    assert kl_divergence([("a", "a"), ("b",)], [("b", "c")]) == pytest.approx(expected)


words = st.lists(st.lists(st.sampled_from("abcde"), max_size=6).map(tuple), max_size=8)


@given(words, words)
def test_kl_is_never_negative_and_nothing_from_oneself(human, replies):
    assert kl_divergence(human, replies) >= -1e-12
    assert kl_divergence(human, human) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("text", "repeats"),
    [("a b c a b c", True), ("a a a a", True), ("a b c d a b", False), ("a b", False), ("a a a", False)],
)
def test_a_repeated_trigram(text, repeats):
    assert repeats_trigram(words_of(text)) is repeats
