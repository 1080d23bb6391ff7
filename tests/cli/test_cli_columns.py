"""Texts and rows in columns: how wide, when not, and letters that take two cells or none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from chatbot.cli.columns import GAP, NARROWEST, Part, laid_out

LEFT = Part("left", "one two three four five six seven eight nine ten\nnew line")
RIGHT = Part("right", "α β γ")


def test_texts_share_a_line_evenly() -> None:
    assert laid_out([LEFT, RIGHT], 53).split("\n") == [
        "left                        right",
        "",
        "one two three four five     α β γ",
        "six seven eight nine ten",
        "new line",
    ]


@pytest.mark.parametrize("columns", [0, 2 * NARROWEST + GAP - 1])
def test_without_room_they_stand_one_below_the_other(columns: int) -> None:
    assert laid_out([LEFT, RIGHT], columns) == f"left\n\n{LEFT.body}\n\nright\n\nα β γ"
    assert laid_out([LEFT], 80) == LEFT.body


def test_rows_are_never_broken() -> None:
    parts = [Part("a", " 9.99%  word\n 1.00%  漢字", rows=True), Part("b", "12.00%  x", rows=True)]
    beside = [
        "a              b",
        "",
        " 9.99%  word   12.00%  x",
        " 1.00%  漢字",
    ]
    assert laid_out(parts, 24).split("\n") == beside
    assert laid_out(parts, 23).count("\n\n") == 3


def test_wide_letters_take_two_cells() -> None:
    wide = Part("寬", "漢字漢字漢字漢字漢字漢字漢字 👩‍👩‍👧 🇫🇷 e\u0301")
    lines = laid_out([wide, RIGHT], 53).split("\n")
    assert lines[2] == "漢字漢字漢字漢字漢字漢字    α β γ"  # 24 cells of 25, for half a letter is none
    assert all(cell_len(line) <= 53 for line in lines)
    assert {cell_len(line.partition("right")[0]) for line in lines if "right" in line} == {28}
    assert {cell_len(line.partition("α")[0]) for line in lines if "α" in line} == {28}


@settings(max_examples=50)
@given(st.lists(st.text("ab 漢é\n👍", max_size=80), min_size=2, max_size=4), st.integers(1, 200))
def test_nothing_is_lost_and_no_line_is_too_long(texts: list[str], columns: int) -> None:
    found = laid_out([Part(str(n), text) for n, text in enumerate(texts)], columns)
    for letter in "ab漢é👍":
        assert found.count(letter) == sum(text.count(letter) for text in texts)
    if not found.startswith("0\n"):
        assert all(cell_len(line) <= columns for line in found.split("\n"))
