"""Where texts are cut before they are translated."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.side.splitting import pieces, sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He came home. She left! Did they meet? Never", ["He came home.", "She left!", "Did they meet?", "Never"]),
        ('He said "I love the sea." She left.', ['He said "I love the sea."', "She left."]),
        (
            "Hello, Mr. Smith. I saw J. R. Ewing at 5 p.m. today.",
            ["Hello, Mr. Smith.", "I saw J. R. Ewing at 5 p.m. today."],
        ),
        ("No. It was I. He left.", ["No.", "It was I.", "He left."]),
        ("Well... maybe. Well... He left.", ["Well... maybe.", "Well...", "He left."]),
        ("i am here. he left", ["i am here.", "he left"]),
        ("one\ntwo\r\n\nthree", ["one", "two", "three"]),
        ("我爱你。你呢？", ["我爱你。", "你呢？"]),
        ("It costs 3.50 now.", ["It costs 3.50 now."]),
        (" ", []),
        ("...", ["..."]),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_long_sentences_are_cut_at_commas_then_words_then_anywhere() -> None:
    def cut(text: str, most: int) -> list[str]:
        return pieces(text, len, most)

    assert cut("Short. one two, three four, five", 14) == ["Short.", "one two,", "three four,", "five"]
    assert cut("one two, three four, five", 19) == ["one two,", "three four, five"]
    assert cut("one two three four", 9) == ["one two", "three", "four"]
    assert cut("abcdefgh ij", 3) == ["abc", "def", "gh", "ij"]


@given(st.text(alphabet="ab .,!?\"')。\n…A"), st.integers(1, 12))
def test_nothing_is_lost_and_nothing_too_long(text: str, most: int) -> None:
    found = pieces(text, len, most)
    assert "".join("".join(found).split()) == "".join(text.split())
    assert all(0 < len(one) <= most for one in found)
