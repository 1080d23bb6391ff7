"""`chatbot vectors`: from corpora to a file that `prepare` and `train` take."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatbot.cli.main import main
from chatbot.corpus.vectors import vector_lines


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    path = tmp_path / "talk.txt"
    path.write_text("We sail at dawn.\nWe row at noon.\n===\nThey sail at noon.\nThey row at dawn.\n", encoding="utf-8")
    return path


def test_a_file_of_vectors_is_written_once(corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = ["vectors", str(corpus), "--output", str(tmp_path / "v.txt"), "--size", "3", "--minimum-count", "2"]
    assert main(line) == 0
    assert capsys.readouterr().out.endswith("v.txt: 8 words, 3 numbers each\n")
    found = list(vector_lines(tmp_path / "v.txt"))
    assert {word for _, word, _ in found} == {"we", "they", "sail", "row", "at", "dawn", "noon", "."}
    assert {len(numbers) for _, _, numbers in found} == {3}
    before = (tmp_path / "v.txt").read_bytes()
    assert main(line) == 1
    assert "exists already; replace it with --overwrite, or choose another --output" in capsys.readouterr().err
    assert main([*line, "--overwrite"]) == 0
    assert (tmp_path / "v.txt").read_bytes() == before


def test_too_little_text_is_one_line_and_writes_nothing(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["vectors", str(corpus), "--output", str(tmp_path / "v.txt")]) == 1
    assert "give more text, or a smaller --size" in capsys.readouterr().err
    assert not (tmp_path / "v.txt").exists()
