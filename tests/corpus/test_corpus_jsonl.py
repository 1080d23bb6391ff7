"""Conversations as lines of JSON."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from chatbot.corpus.counts import Counts
from chatbot.corpus.formats import READERS
from chatbot.errors import CorpusError

HELLO = {"utterances": [{"speaker": "a", "text": "Hello  there"}, {"speaker": "b", "text": "Hi."}], "source": "one"}


def read(path: Path) -> tuple[list[list[tuple[str, str]]], list[str], Counts]:
    """What was said in each conversation, their sources, and the counts."""
    counts = Counts()
    found = list(READERS["jsonl"](path, counts, lambda *_: None))
    return [[(one.speaker, one.text) for one in c.utterances] for c in found], [c.source for c in found], counts


def write(path: Path, *lines: object) -> Path:
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
    return path


def test_lines_are_conversations_with_normalised_texts(tmp_path: Path) -> None:
    said, sources, counts = read(write(tmp_path / "c.jsonl", HELLO, "", {"utterances": HELLO["utterances"]}))
    assert said == [[("a", "Hello there"), ("b", "Hi.")]] * 2
    assert sources == ["one", f"{tmp_path / 'c.jsonl'}:3"]
    assert counts.read == {"lines": 3, "utterances": 4}
    assert counts.dropped == {"lines: blank": 1}
    assert sum(counts.repaired.values()) == 2


def test_a_folder_is_its_files_plain_or_packed(tmp_path: Path) -> None:
    write(tmp_path / "b.jsonl", HELLO)
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(json.dumps({**HELLO, "source": "packed"}).encode()))
    (tmp_path / "notes.txt").write_text("not read")
    assert read(tmp_path)[1] == ["packed", "one"]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("{", "not JSON in UTF-8"),
        ("[" * 100_000, "not JSON in UTF-8"),
        ("[]", "no list of utterances"),
        ({"utterances": []}, "no list of utterances"),
        ({**HELLO, "source": 3}, "source must be a text, but is 3"),
        ({"utterances": [HELLO["utterances"][0], {"speaker": "b"}]}, "utterance 2: must have a speaker and a text"),
        ({"utterances": ["hello"]}, "utterance 1: must have a speaker and a text"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: object, error: str) -> None:
    path = write(tmp_path / "c.jsonl", HELLO, line)
    with pytest.raises(CorpusError) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}:2: ")
    assert error in str(caught.value)
    assert "\n" not in str(caught.value)


def test_nothing_to_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for path, error in (
        (tmp_path / "folder", r"no file named \*\.jsonl"),
        (tmp_path / "no.jsonl", "is not there"),
        (write(tmp_path / "empty.jsonl"), "there is nothing in it"),
    ):
        with pytest.raises(CorpusError, match=error):
            read(path)
