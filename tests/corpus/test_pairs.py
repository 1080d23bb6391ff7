"""Parallel text: one file of columns, or two of lines; what is wrong is said with its place."""

from __future__ import annotations

import errno
import lzma
from pathlib import Path

import pytest

from chatbot.corpus.counts import Counts
from chatbot.corpus.pairs import read_pairs, sentence_key
from chatbot.errors import CorpusError


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def read(*paths: Path) -> tuple[list[tuple[str, str]], Counts]:
    counts = Counts()
    found = [tuple(turn.text for turn in one.utterances) for one in read_pairs(paths, counts)]
    return found, counts  # type: ignore[return-value]


def test_columns_beyond_the_second_are_not_read(tmp_path: Path) -> None:
    file = write(tmp_path / "a.txt", "Go.\tVa !\tCC-BY by somebody\nHi.\tSalut.\n")
    assert read(file)[0] == [("Go.", "Va !"), ("Hi.", "Salut.")]


def test_spaces_and_quotes_are_normalised(tmp_path: Path) -> None:
    file = write(tmp_path / "a.txt", "Go.\t«\u00a0Va\u202f!\u00a0»\r\n")
    assert read(file)[0] == [("Go.", '" Va ! "')]


def test_two_files_are_read_side_by_side_even_packed(tmp_path: Path) -> None:
    first = tmp_path / "a.en.xz"
    first.write_bytes(lzma.compress(b"One.\nTwo.\n"))
    assert read(first, write(tmp_path / "a.de", "Eins.\nZwei.\n"))[0] == [("One.", "Eins."), ("Two.", "Zwei.")]


def test_an_empty_side_and_a_blank_line_are_counted(tmp_path: Path) -> None:
    found, counts = read(write(tmp_path / "a.txt", "Go.\t\n\nHi.\tSalut.\n \tSalut.\n"))
    assert found == [("Hi.", "Salut.")]
    assert counts.dropped == {"pairs: one side empty": 2, "lines: blank": 1}


def test_sources_alike_but_for_case_and_marks_are_one_source(tmp_path: Path) -> None:
    file = write(tmp_path / "a.txt", "Go!\tVa !\ngo.\tBouge !\n?!\tQuoi ?\n")
    sources = [one.source for one in read_pairs([file], Counts())]
    assert sources == ["go", "go", "?!"]
    assert sentence_key("L'été,  là") == "l été là"


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ([b"Go. Va !\n"], "a0:1: 1 column, expected a source, a tab and a target"),
        ([b"Go.\tVa !\n1\tGo.\t2\tVa !\n"], "a0:2: 4 columns, expected a source, a tab and a target, then one more at"),
        ([b"Go.\tVa \xe9\n"], "a0:1: not UTF-8 (byte 8 of the line)"),
        (["Go.\tVa !\n".encode("utf-16-be")], "a0:1: looks like UTF-16"),
        ([b""], "a0: there is nothing in it"),
        ([b"One.\nTwo.\n", b"Eins.\n"], "a0: has more lines than"),
        ([b"One.\n", b"Eins.\nZwei.\n"], "a1: has more lines than"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, files: list[bytes], says: str) -> None:
    paths = [tmp_path / f"a{number}" for number in range(len(files))]
    for path, content in zip(paths, files, strict=True):
        path.write_bytes(content)
    with pytest.raises(CorpusError) as caught:
        read(*paths)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no such file; give one of lines"):
        read(tmp_path / "none")


def test_a_folder_and_a_file_that_may_not_be_read_are_no_missing_or_damaged_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CorpusError, match="is a folder; give one of lines"):
        read(tmp_path)
    file = write(tmp_path / "a.txt", "Go.\tVa !\n")

    def denied(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(file))

    monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(CorpusError, match=r"a\.txt: cannot be read: Permission denied$"):
        read(file)
