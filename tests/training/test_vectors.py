"""Word vectors from a file: the rows of known words are taken over, everything else stays; wrong files are one line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from chatbot.errors import CorpusError, UsageError
from chatbot.text.character_tokenizer import train_characters
from chatbot.text.word_tokenizer import WordTokenizer
from chatbot.training.vectors import with_vectors

TOKENIZER = WordTokenizer(["the", "The", "Anna", "zebra"], lower_case=False)
FRESH = np.full((TOKENIZER.size, 2), 9.0, np.float32)


def taken(path: Path, content: str) -> tuple[dict[str, list[float]], int]:
    path.write_text(content)
    rows, known = with_vectors(FRESH, TOKENIZER, path)
    return {word: rows[TOKENIZER.encode(word)[0]].tolist() for word in ("the", "The", "Anna", "zebra")}, known


def test_known_words_take_their_vectors_and_capitals_those_of_small_letters(tmp_path: Path) -> None:
    found, known = taken(tmp_path / "v.txt", "the 1 2\nanna 3 4\nunheard 5 6\nAnna 7 8\n")
    assert found == {"the": [1, 2], "The": [1, 2], "Anna": [7, 8], "zebra": [9, 9]}
    assert known == 3
    assert np.all(FRESH == 9.0)


def test_a_header_is_passed_over(tmp_path: Path) -> None:
    assert taken(tmp_path / "v.txt", "2 2\nzebra 1 2\n")[1] == 1


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("the 1 2 3\n", "v.txt:1: 3 numbers, expected 2, the recipe's embedding_size"),
        ("the 1 2\nAnna 1 x\n", "v.txt:2: not a word and numbers"),
        ("the 1 nan\n", "v.txt:1: a number is not finite or too large"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, content: str, says: str) -> None:
    with pytest.raises(CorpusError) as caught:
        taken(tmp_path / "v.txt", content)
    assert says in str(caught.value)


def test_pieces_of_words_have_no_vectors(tmp_path: Path) -> None:
    tokenizer = train_characters(["abc"], 20)
    with pytest.raises(UsageError, match="has no whole words, but character pieces"):
        with_vectors(FRESH, tokenizer, tmp_path / "v.txt")
    with pytest.raises(CorpusError, match="no such file"):
        with_vectors(FRESH, TOKENIZER, tmp_path / "none.txt")
