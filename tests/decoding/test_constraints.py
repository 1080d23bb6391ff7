from __future__ import annotations

import math

import numpy as np
import pytest
from alphabet import ids_of
from hypothesis import given
from hypothesis import strategies as st

from chatbot.decoding.constraints import Constraints, Repeats
from chatbot.decoding.rules import USUAL, Rules
from chatbot.decoding.stepper import Floats
from chatbot.settings import DecodingSettings
from chatbot.text.special import EOS_ID

LOG_PROBS = np.log(np.full((1, 32), 1 / 32, np.float32))


def constrained(
    log_probs: Floats, said: list[tuple[int, ...]], settings: DecodingSettings, rules: Rules = USUAL
) -> Floats:
    return Constraints(settings, rules, [[]]).scores(log_probs, said, [0] * len(said))


@pytest.mark.parametrize(
    ("said", "size", "blocked"),
    [
        ("abcab", 3, "c"),
        ("abcab", 2, "c"),
        ("ababa", 2, "bb"),
        ("abc", 1, "abc"),
        ("ab", 3, ""),
        ("aaa", 3, "a"),
        ("aa", 3, ""),
        ("abcab", 0, ""),
        ("", 1, ""),
        ("abcdxyz", 3, ""),
    ],
)
def test_what_would_repeat_is_known(said: str, size: int, blocked: str) -> None:
    assert Repeats(size, {}).after(ids_of(said)) == sorted(set(ids_of(blocked)))


@given(st.text("abc", max_size=12), st.integers(1, 4))
def test_a_blocked_letter_is_one_that_would_repeat(said: str, size: int) -> None:
    seen = {said[n : n + size] for n in range(len(said) - size + 1)}
    would = {letter for letter in "abc" if (said + letter)[-size:] in seen and len(said) >= size - 1}
    assert set(Repeats(size, {}).after(ids_of(said))) == {ids_of(letter)[0] for letter in would}


SPELLED = {"x": ".", "y": ".", "z": "...", "w": "....", "v": "!"}


@pytest.mark.parametrize(
    ("said", "blocked"),
    [
        ("a", "w"),  # says . . . twice by itself
        ("az", "wxyz"),  # a third and a fourth full stop
        ("azb", "wz"),
        ("axy", "wz"),
        ("axyx", "wxyz"),
        ("avxx", "wz"),
        ("abxcab", "wxyz"),
        ("vvx", "wz"),
    ],
)
def test_marks_are_counted_one_by_one_however_they_are_joined(said: str, blocked: str) -> None:
    spelled = {ids_of(letter)[0]: tuple(marks) for letter, marks in SPELLED.items()}
    found = set(Repeats(3, spelled).after(ids_of(said)))
    characters = [one for letter in said for one in SPELLED.get(letter, letter)]

    def repeats(letter: str) -> bool:
        units = [*characters, *SPELLED.get(letter, letter)]
        grams = [tuple(units[n : n + 3]) for n in range(len(units) - 2)]
        return len(set(grams)) < len(grams)

    assert found == {ids_of(letter)[0] for letter in "abcvwxyz" if repeats(letter)}
    assert found == set(ids_of(blocked))


def test_the_special_ids_are_never_said_and_eos_waits() -> None:
    settings = DecodingSettings(min_length=2, no_repeat_ngram=0)
    log_probs = np.tile(LOG_PROBS, (2, 1))
    scores = constrained(log_probs, [(7,), (7, 8)], settings)
    assert np.flatnonzero(np.isinf(scores[0])).tolist() == [0, 1, 2, 3, 4, 5]
    assert np.flatnonzero(np.isinf(scores[1])).tolist() == [0, 1, 2, 4, 5]
    assert np.isfinite(log_probs).all()


def test_the_odds_of_what_was_said_are_divided() -> None:
    settings = DecodingSettings(repetition_penalty=2.0, no_repeat_ngram=0)
    scores = constrained(LOG_PROBS, [(7, 8, 8)], settings)
    assert scores[0, [7, 8, 9]] == pytest.approx([math.log(1 / 64), math.log(1 / 64), math.log(1 / 32)])


def test_where_all_is_blocked_only_the_end_is_left() -> None:
    settings = DecodingSettings(min_length=40, no_repeat_ngram=1)
    scores = constrained(LOG_PROBS, [tuple(range(6, 32))], settings)
    assert np.flatnonzero(np.isfinite(scores[0])).tolist() == [EOS_ID]
