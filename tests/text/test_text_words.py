"""Words as every measure counts them."""

from __future__ import annotations

import pytest

from chatbot.text.words import count_words


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 0), ("Don't go.", 3), ("What?!", 3), ("well...", 4), ("rock'n'roll", 3), ("Émile, 3 times", 4), (" ", 0)],
)
def test_marks_count_and_a_contraction_is_one_word(text: str, count: int) -> None:
    assert count_words(text) == count
