"""Texts to learn from: running text in sections, a column of a table, fields of records."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from chatbot.corpus.counts import Counts
from chatbot.corpus.files import LONGEST_LINE
from chatbot.corpus.texts import kind_of, read_texts
from chatbot.errors import CorpusError

RECORDS = [
    {"title": "Soup", "steps": ["Boil  water.", "Add leeks."], "note": None},
    {"title": "Tea", "steps": [], "note": "x"},
    {"title": "Soup", "steps": ["Boil water.", "Add leeks."], "note": None},
]


def texts(path: Path, **options: str) -> list[str]:
    return [one.utterances[0].text for one in read_texts(path, Counts(), **options)]


@pytest.fixture
def recipes(tmp_path: Path) -> Path:
    path = tmp_path / "recipes.json"
    path.write_text(json.dumps(RECORDS))
    return path


def test_the_name_tells_the_kind() -> None:
    assert [kind_of(Path(name)) for name in ("a.csv.xz", "b.json", "c.JSONL.gz", "d.txt", "e")] == [
        *("csv", "json", "jsonl", "text", "text")
    ]


def test_a_field_of_records_each_text_once(recipes: Path) -> None:
    counts = Counts()
    found = [one.utterances[0].text for one in read_texts(recipes, counts, field="steps")]
    assert found == ["Boil water. Add leeks."]
    assert counts.dropped == {"texts: empty": 1, "texts: repeated": 1}


def test_a_template_of_fields(recipes: Path) -> None:
    assert texts(recipes, template="recipe for {title} | {steps}") == [
        "recipe for Soup | Boil water. Add leeks.",
        "recipe for Tea |",
    ]


def test_a_column_of_a_table(tmp_path: Path) -> None:
    path = tmp_path / "news.csv"
    path.write_text('id,headline\n1,"Rain, again"\n2,"Two\nlines"\n')
    assert texts(path, field="headline") == ["Rain, again", "Two\nlines"]


def test_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"t": "one"}\n\n{"t": "two"}\n')
    assert texts(path, field="t") == ["one", "two"]


def test_running_text_is_cut_at_empty_lines_and_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "play.txt"
    speeches = [f"SPEAKER {n}:\n" + "Well said, my friend. " * 8 for n in range(60)]
    path.write_text("\n\n\n".join(speeches))
    found = list(read_texts(path, Counts()))
    assert 20 <= len(found) <= 60
    assert [one.source for one in found] == sorted(one.source for one in found)
    assert "\n\n".join(one.utterances[0].text for one in found) == "\n\n".join(s.strip() for s in speeches)


def test_a_text_without_an_empty_line_is_cut_between_words(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text("word " * 4000)
    found = texts(path)
    assert len(found) > 10
    assert {word for text in found for word in text.split()} == {"word"}


@pytest.mark.parametrize(
    ("name", "content", "options", "says"),
    [
        ("a.json", b"[1]", {"field": "t"}, "record 1: must be an object"),
        ("a.json", b"{}", {"field": "t"}, "expected a list of objects"),
        ("a.json", b"[", {"field": "t"}, "not JSON"),
        ("a.json", b'[{"text": "x"}]', {"field": "txt"}, "record 1: no field 'txt'; did you mean 'text'?"),
        ("a.json", b'[{"text": "x"}]', {}, "the text's field is not named; name one with --field"),
        ("a.json", b'[{"text": "x"}]', {"template": "a {text"}, "--template 'a {text' names no {field}; name one with"),
        ("a.json", b'[{"t": "x"},\n{"t"}]', {"field": "t"}, "a.json: not JSON: Expecting ':' delimiter (line 2)"),
        ("a.csv", b'"b\n1', {"field": "b"}, "a.csv:1: not CSV"),
        ("a.csv", b'a,b\n1,"x\n', {"field": "b"}, "not CSV"),
        ("a.txt", b"x", {"field": "b"}, "is running text, which has no fields"),
        ("a.txt", b"fine\n\xff", {}, "a.txt:2: not UTF-8"),
        ("a.txt", "hi".encode("utf-16-be"), {}, "looks like UTF-16"),
        ("a.jsonl", b'{"t": "x"}\n{\n', {"field": "t"}, "a.jsonl:2: not JSON: Expecting property name"),
        ("a.jsonl", b'{"t": "x"}\n[1]\n', {"field": "t"}, "a.jsonl:2: must be an object, but is '[1]'"),
    ],
)
def test_what_is_wrong_is_one_line(
    tmp_path: Path, name: str, content: bytes, options: dict[str, str], says: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(CorpusError) as caught:
        texts(path, **options)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_of_one_long_line_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "word " * (LONGEST_LINE // 4)
    (tmp_path / "a.json").write_text(json.dumps([{"t": text}, {"t": "short"}]))
    (tmp_path / "a.csv").write_text(f"t\n{text}\nshort\n")
    assert [one.utterances[0].text for one in read_texts(tmp_path / "a.csv", Counts(), field="t")] == [
        text.strip(),
        "short",
    ]
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(text.encode()))
    found = [one.utterances[0].text for one in read_texts(tmp_path / "a.json", Counts(), field="t")]
    assert found == [text.strip(), "short"]
    assert sum(len(one.utterances[0].text) for one in read_texts(tmp_path / "a.txt.gz", Counts())) >= len(text) - 60
    monkeypatch.setattr("chatbot.corpus.texts.LARGEST_TEXT", 1000)
    with pytest.raises(CorpusError, match="holds more than 1,000 bytes"):
        list(read_texts(tmp_path / "a.json", Counts(), field="t"))


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no such file; give a text"):
        texts(tmp_path / "none.txt")
