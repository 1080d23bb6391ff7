"""chrF against values that sacreBLEU 2.6.0 gives, and what must hold of any two texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.evaluation.chrf import chrf, corpus_chrf

PAIRS = [
    ("The cat never came home that night.", "The cat did not come home last night."),
    ("I don't know what you mean.", "I do not know what that means!"),
    ("Es regnet schon seit Tagen, und der Fluss steigt.", "Seit Tagen regnet es; der Fluß steigt weiter."),
    ("ab", "abcdefgh"),
    ("abcdefgh", "ab"),
    ("Yes.", "No."),
    ("Où est la clé ?", "Où est la clef ?"),
]
PUBLISHED = {  # beta -> nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:2.6.0
    1.0: (43.815472, 47.136687, 43.324361, 32.835821, 32.835821, 9.523810, 72.613266),
    2.0: (43.345630, 45.832809, 44.385844, 23.404255, 55.000000, 10.416667, 70.231345),
    3.0: (43.191248, 45.414066, 44.751325, 21.359223, 70.967742, 10.752688, 69.471722),
}


@pytest.mark.parametrize("beta", PUBLISHED)
def test_chrf_is_that_of_sacrebleu(beta: float) -> None:
    assert [chrf(*pair, beta=beta) for pair in PAIRS] == pytest.approx(PUBLISHED[beta], abs=1e-6)


def test_by_hand() -> None:
    """Of "aa" half the letters are in "ab" and no pair of letters is: the mean of 1/2 and 0, both ways."""
    assert chrf("aa", "ab") == pytest.approx(25)


@pytest.mark.parametrize(("text", "reference"), [("", "abc"), ("abc", ""), ("", ""), (" \n", "a")])
def test_nothing_agrees_with_nothing(text: str, reference: str) -> None:
    assert chrf(text, reference) == 0


def test_a_corpus_counts_over_all_its_texts() -> None:
    both = [PAIRS[0], ("aa", "ab")]
    assert corpus_chrf(both) != pytest.approx(sum(chrf(*pair) for pair in both) / 2)
    assert corpus_chrf([PAIRS[0]]) == pytest.approx(chrf(*PAIRS[0]))
    assert corpus_chrf([]) == 0
    assert corpus_chrf([*PAIRS[:3], ("aa", "ab")]) == pytest.approx(44.219851, abs=1e-6)


@given(st.text(min_size=1), st.text(min_size=1))
def test_what_holds_of_any_two_texts(text: str, reference: str) -> None:
    assert 0 <= chrf(text, reference) <= 100 + 1e-9
    assert chrf(text, reference, beta=1.0) == pytest.approx(chrf(reference, text, beta=1.0))
    if text.split():
        assert chrf(text, text) == pytest.approx(100)
    assert chrf(f" {text}\n", reference) == chrf(text, reference)
