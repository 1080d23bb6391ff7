"""Characters <-> ids: line ends are characters, foreign ones unknown, damaged files one line."""

from __future__ import annotations

import json

import pytest

from chatbot.errors import VocabularyError
from chatbot.text.character_tokenizer import CharacterTokenizer, train_characters
from chatbot.text.loading import tokenizer_from_bytes
from chatbot.text.special import SPECIAL_PIECES, UNK_ID

TOKENIZER = train_characters(["aab\nba", "c a"], 100)


def test_the_commonest_come_first() -> None:
    assert TOKENIZER.pieces(range(6, TOKENIZER.size)) == ["a", "b", "\\n", " ", "c"]
    assert TOKENIZER.pieces([0, 3]) == [SPECIAL_PIECES[0], SPECIAL_PIECES[3]]


@pytest.mark.parametrize("text", ["ab\nba", "c\n\na", "a b", "", "a ", "a\n", "a\n\n"])
def test_text_comes_back(text: str) -> None:
    assert TOKENIZER.decode(TOKENIZER.encode(text)) == text


def test_white_space_is_normalised_line_by_line() -> None:
    assert TOKENIZER.decode(TOKENIZER.encode("a\t b  \r\n\n\n\nc  ")) == "a b\n\nc "


def test_what_was_never_seen_is_unknown() -> None:
    assert TOKENIZER.encode("z") == [UNK_ID]


def test_rare_ones_and_those_beyond_the_size_are_left_out() -> None:
    assert train_characters(["aab"], 100, minimum_count=2).size == 7
    assert train_characters(["aaabbc"], 8).pieces([6, 7]) == ["a", "b"]


def test_case_is_folded_if_asked() -> None:
    folded = train_characters(["AbA"], 100, lower_case=True)
    assert folded.encode("B") == folded.encode("b") != [UNK_ID]


def test_it_survives_its_file() -> None:
    again = tokenizer_from_bytes("character", TOKENIZER.to_bytes())
    assert isinstance(again, CharacterTokenizer)
    assert again.to_bytes() == TOKENIZER.to_bytes()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"{", "not JSON"),
        (b"[]", "no vocabulary of this version"),
        (json.dumps({"format": "chatbot characters 1", "characters": 5, "lower_case": False}).encode(), "at most"),
        (json.dumps({"format": "chatbot characters 1", "characters": "aa", "lower_case": False}).encode(), "twice"),
        (b" " * (5 << 20), "bytes, expected at most"),
    ],
)
def test_a_damaged_file_is_one_line(content: bytes, says: str) -> None:
    with pytest.raises(VocabularyError, match=says):
        tokenizer_from_bytes("character", content)
