"""Vectors of words from what stands near them: alike in company, alike in direction."""

from __future__ import annotations

import numpy as np
import pytest

from chatbot.errors import VocabularyError
from chatbot.text.word_vectors import SPREAD, VectorSettings, learn_vectors, lines_of

SMALL = VectorSettings(size=4, words=50, minimum_count=2, window=2)


def told() -> list[str]:
    """Towns are travelled to, food is eaten; nothing else tells them apart."""
    towns, foods = ("rome", "oslo", "lima"), ("rice", "soup", "fish")
    travels = [f"we fly to {town} {when}" for town in towns for when in ("today", "soon", "tonight", "in 1999")]
    meals = [f"they eat {food} with {other}" for food in foods for other in ("salt", "bread", "butter", "oil")]
    return travels + meals


def test_words_of_alike_company_have_vectors_alike() -> None:
    words, vectors = learn_vectors(told(), SMALL)
    at = {word: vectors[i] / np.linalg.norm(vectors[i]) for i, word in enumerate(words)}
    for one, like, other in (("rome", "oslo", "soup"), ("soup", "fish", "lima"), ("oslo", "lima", "rice")):
        assert at[one] @ at[like] > 0.9 > 0.5 > at[one] @ at[other]


def test_words_come_by_falling_frequency_folded_and_without_rare_ones() -> None:
    words, vectors = learn_vectors([*told(), "We saw 2024", "Rare"], SMALL)
    assert words[0] in ("eat", "fly", "they", "to", "we", "with")
    assert {"0000", "rome"} <= set(words)
    assert not {"rare", "1999"} & set(words)
    assert vectors.shape == (len(words), 4)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), SPREAD * 2, rtol=1e-4)


def test_what_is_said_twice_counts_once_and_texts_do_not_touch() -> None:
    words, once = learn_vectors(told(), SMALL)
    again, twice = learn_vectors(told() * 3, SMALL)
    assert words == again
    np.testing.assert_array_equal(once, twice)


def test_too_little_text_is_refused() -> None:
    with pytest.raises(VocabularyError, match="words are said 2 times or more, expected more than 4"):
        learn_vectors(["a b", "b a"], SMALL)


def test_lines_are_a_word_and_its_numbers() -> None:
    assert list(lines_of(["sea"], np.array([[0.5, -1.0]], np.float32))) == ["sea 0.5000 -1.0000\n"]
