"""Lines that fit: measured in cells, broken between words, nothing lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prompt_toolkit.utils import get_cwidth

from chatbot.repl.wrapping import shorten, wrap


@pytest.mark.parametrize(
    ("text", "first", "rest", "lines"),
    [
        ("", 5, 5, [""]),
        ("one two three", 20, 20, ["one two three"]),
        ("one two three", 7, 7, ["one two", "three"]),
        ("one two three", 3, 9, ["one", "two three"]),
        ("wonderful", 3, 9, ["", "wonderful"]),
        ("abcdefgh ij", 3, 3, ["abc", "def", "gh", "ij"]),
        ("a\nb\n", 5, 5, ["a", "b", ""]),
        ("日本語 日本", 6, 6, ["日本語", "日本"]),
        ("日本語", 5, 5, ["日本", "語"]),
        ("e\u0301e\u0301e\u0301", 2, 2, ["e\u0301e\u0301", "e\u0301"]),
    ],
)
def test_wrapping(text: str, first: int, rest: int, lines: list[str]) -> None:
    assert wrap(text, first, rest) == lines


@given(st.text(alphabet="ab 日é👍\n", max_size=60), st.integers(2, 20), st.integers(2, 20))
def test_every_line_fits_and_no_letter_is_lost(text: str, first: int, rest: int) -> None:
    first_line, *others = wrap(text, first, rest)
    assert get_cwidth(first_line) <= first
    assert all(get_cwidth(line) <= rest for line in others)
    assert "".join([first_line, *others]).replace(" ", "") == text.replace(" ", "").replace("\n", "")


@given(st.text(alphabet="ab 日é👍", max_size=30), st.integers(0, 30))
def test_shortened_text_fits_and_says_that_it_was_cut(text: str, width: int) -> None:
    shown = shorten(text, width)
    assert get_cwidth(shown) <= width
    assert shown == text or shown == "" or (shown.endswith("…") and text.startswith(shown[:-1]))
