"""The sample corpus the project ships: its format, its size, and that its sentences are its own."""

from __future__ import annotations

import ast
import lzma
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "corpora" / "sample"
FOREIGN = ROOT.parent / "shared" / "corpora"
SEPARATOR = " +++$+++ "
FIELDS = {
    "movie_lines.txt": 5,
    "movie_conversations.txt": 4,
    "movie_titles_metadata.txt": 6,
    "movie_characters_metadata.txt": 6,
}


@cache
def rows(name: str) -> list[list[str]]:
    content = (SAMPLE / name).read_bytes().decode("cp1252")
    assert content.endswith("\n")
    return [line.split(SEPARATOR) for line in content[:-1].split("\n")]


@cache
def conversations() -> list[list[list[str]]]:
    """The conversations as lists of rows of movie_lines.txt, in the order in which they were spoken."""
    lines = {row[0]: row for row in rows("movie_lines.txt")}
    return [[lines[number] for number in ast.literal_eval(row[3])] for row in rows("movie_conversations.txt")]


@pytest.mark.parametrize(("name", "fields"), FIELDS.items())
def test_every_row_has_the_fields_of_the_format(name: str, fields: int) -> None:
    assert {len(row) for row in rows(name)} == {fields}


def test_every_line_is_in_exactly_one_conversation() -> None:
    spoken = Counter(number for row in rows("movie_conversations.txt") for number in ast.literal_eval(row[3]))
    written = Counter(row[0] for row in rows("movie_lines.txt"))
    assert spoken == written
    assert set(written.values()) == {1}


def test_lines_stand_by_movie_then_by_pair_in_descending_order() -> None:
    conversation_of = {line[0]: number for number, lines in enumerate(conversations()) for line in lines}
    pair_of = [tuple(row[:3]) for row in rows("movie_conversations.txt")]
    groups: list[tuple[str, ...]] = []
    previous = 0
    for number, _, movie, _, _ in rows("movie_lines.txt"):
        pair = pair_of[conversation_of[number]]
        assert pair[2] == movie
        if not groups or groups[-1] != pair:
            groups.append(pair)
        else:
            assert int(number[1:]) < previous
        previous = int(number[1:])
    assert len(groups) == len(set(groups))
    movies = [int(movie[1:]) for _, _, movie in groups]
    assert movies == sorted(movies)


def test_two_known_people_hold_each_conversation() -> None:
    people = {row[0]: (row[1], row[2], row[3]) for row in rows("movie_characters_metadata.txt")}
    titles = {row[0]: row[1] for row in rows("movie_titles_metadata.txt")}
    for row, lines in zip(rows("movie_conversations.txt"), conversations(), strict=True):
        assert {line[1] for line in lines} == set(row[:2])
        for _, person, movie, name, _ in lines:
            assert people[person] == (name, movie, titles[movie])
            assert movie == row[2]


def test_the_sample_is_large_and_varied_enough() -> None:
    replies = [line[4] for lines in conversations() for line in lines[1:]]
    assert len(replies) >= 1000
    assert len(set(replies)) / len(replies) >= 0.99
    assert len(rows("movie_titles_metadata.txt")) >= 24
    assert {row[2] for row in rows("movie_lines.txt")} == {row[0] for row in rows("movie_titles_metadata.txt")}
    words = [len(row[4].split()) for row in rows("movie_lines.txt")]
    assert 8 <= sum(words) / len(words) <= 12
    assert {len(lines) for lines in conversations()} == set(range(3, 10))


def test_the_readme_states_the_counts() -> None:
    readme = (SAMPLE / "README.md").read_text(encoding="utf-8")
    lines = len(rows("movie_lines.txt"))
    counts = [
        len(rows("movie_titles_metadata.txt")),
        len(rows("movie_characters_metadata.txt")),
        len(conversations()),
        lines,
        lines - len(conversations()),
    ]
    assert [int(count.replace(",", "")) for count in re.findall(r"\| ([\d,]+) \|$", readme, re.MULTILINE)] == counts


def test_the_sample_gives_the_reader_something_to_repair() -> None:
    texts = [row[4] for row in rows("movie_lines.txt")]
    assert texts.count("") == 1
    for oddity in ("\u2019", "\u201c", "\u2014", "\u00ad", "<i>", "  "):
        assert any(oddity in text for text in texts), ascii(oddity)
    twice = [pair for lines in conversations() for pair in pairwise(lines) if pair[0][1] == pair[1][1]]
    assert len(twice) == 2


WORD = re.compile(r"[a-z0-9]+")
JOINED = re.compile(r"\s*['\u2019]\s*|<[^<>]*>|\u00ad")
NO_TALK = re.compile(r"_act_|_emotion_|metadata|README|movie_conversations")
SENTENCE_END = re.compile(r"[.!?]+")


def sentences(text: str) -> Iterator[str]:
    """The whole text and each of its sentences, as lower-case alphanumeric words separated by one space."""
    text = JOINED.sub("", text.lower())
    parts = SENTENCE_END.split(text)
    yield " ".join(WORD.findall(text))
    if len(parts) > 1:
        yield from (" ".join(WORD.findall(part)) for part in parts)


def own_sentences() -> set[str]:
    """The sample's lines and sentences of five or more words."""
    return {part for row in rows("movie_lines.txt") for part in sentences(row[4]) if part.count(" ") >= 4}


def foreign_lines(name: str) -> Iterator[str]:
    """The lines (utterances where they are marked) of every corpus file below `name` that holds talk."""
    for path in sorted((FOREIGN / name).rglob("*")):
        if path.suffix not in {".xz", ".txt", ".yml"} or NO_TALK.search(path.name):
            continue
        encoding = "cp1252" if name == "cornell" else "utf-8"
        opener = lzma.open if path.suffix == ".xz" else open
        with opener(path, "rt", encoding=encoding, errors="replace") as file:
            for line in file:
                if name == "cornell":
                    yield line.rsplit(SEPARATOR, 1)[-1]
                elif name == "personachat":
                    yield from line.partition(" ")[2].split("\t")
                else:
                    yield from line.split("__eou__")


def test_two_spellings_of_a_sentence_are_found_equal() -> None:
    assert list(sentences("Don\u2019t <i>go</i>.  Not now!")) == ["dont go not now", "dont go", "not now", ""]
    assert next(sentences("don ' t go not now")) == "dont go not now"


@pytest.mark.skipif(not FOREIGN.is_dir(), reason="the real corpora are not here")
@pytest.mark.parametrize("name", ["cornell", "dailydialog", "personachat", "chatterbot-corpus"])
def test_no_sentence_comes_from_a_real_corpus(name: str) -> None:
    own = own_sentences()
    copied: set[str] = set()
    read = 0
    for line in foreign_lines(name):
        read += 1
        copied.update(part for part in sentences(line) if part in own)
    assert read > 1000
    assert not copied
