"""The words of a file of vectors, for a vocabulary; the numbers are read where a training takes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatbot.corpus.vectors import vector_words
from chatbot.errors import CorpusError


def test_words_come_in_the_order_of_the_file_without_its_header(tmp_path: Path) -> None:
    (tmp_path / "v.txt").write_text("2 3\nthe 1 2 3\nanna 4 5 6\n", encoding="utf-8")
    assert list(vector_words(tmp_path / "v.txt")) == ["the", "anna"]


def test_a_line_without_numbers_and_a_file_that_is_not_there_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "v.txt").write_text("the 1 2\nanna\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"v\.txt:2: no vector; expected a word and its numbers"):
        list(vector_words(tmp_path / "v.txt"))
    with pytest.raises(CorpusError, match=r"none\.txt: no such file"):
        list(vector_words(tmp_path / "none.txt"))
