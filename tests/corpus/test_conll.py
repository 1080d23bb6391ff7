"""Columns of tagged words: two or four, tabs or spaces, documents; what is wrong is said with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatbot.corpus.conll import read_conll
from chatbot.corpus.counts import Counts
from chatbot.errors import CorpusError

FOUR = """-DOCSTART- -X- O O

Anna NNP I-NP I-PER
likes VBZ I-VP O
New NNP I-NP I-LOC
York NNP I-NP I-LOC
. . O O

-DOCSTART- -X- O O

Ben NNP I-NP I-PER
Carl NNP I-NP B-PER
"""


def read(path: Path, content: str | bytes) -> tuple[list[tuple[str, str, str]], Counts]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    counts = Counts()
    found = [(*(turn.text for turn in one.utterances), one.source) for one in read_conll(path, counts)]
    return found, counts  # type: ignore[return-value]


def test_four_columns_with_documents_in_iob1(tmp_path: Path) -> None:
    found, counts = read(tmp_path / "a.txt", FOUR)
    assert found == [
        ("Anna likes New York .", "S-PER O B-LOC E-LOC O", "a.txt: document 1"),
        ("Ben Carl", "S-PER S-PER", "a.txt: document 2"),
    ]
    assert counts.read["sentences, tagged as IOB1"] == 2
    assert counts.read["words"] == 7


def test_two_columns_by_tabs_even_between_sentences(tmp_path: Path) -> None:
    found, _ = read(tmp_path / "b.conll", "@anna\tB-person\n:-)\tO\n\t\nhi\tO\n\n\n")
    assert [one[:2] for one in found] == [("@anna :-)", "S-person O"), ("hi", "O")]
    assert [one[2] for one in found] == ["b.conll:1", "b.conll:4"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("Anna I-PER\nlikes\n", "a.txt:2: 1 column, expected 2 as before"),
        ("Anna\n", "a.txt:1: 1 column, expected a word, perhaps other columns, and a tag"),
        ("Anna I-PER\nlikes it O\n", "a.txt:2: 3 columns, expected 2 as before"),
        ("Anna PER\n", "a.txt:1: 'PER' is no tag; expected O, or one of B- I- E- S- and a label"),
        (
            "Anna I-PER\n\nBen B-PER\n",
            "a.txt:3: a sentence tagged as IOB2, but that of line 1 is tagged as IOB1; make them one scheme first",
        ),
        ("Anna B-PER\nK. I-PER\nis O\n\nBen S-PER\n", "a.txt:5: a sentence tagged as BIOES, but that of line 1"),
        ("\n\n", "a.txt: there is no sentence in it"),
        (b"Ann\xe9 O\n", "a.txt:1: not UTF-8"),
        ("Anna O\n".encode("utf-16-be"), "looks like UTF-16"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, content: str | bytes, says: str) -> None:
    with pytest.raises(CorpusError) as caught:
        read(tmp_path / "a.txt", content)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
