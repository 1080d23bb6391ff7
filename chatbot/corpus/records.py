"""Tables and JSON objects with named fields -> conversations: CSV, TSV, and JSON lines with a field map.

    question,answer                        conversation,speaker,text
    Are you well?,Very.                    7,anna,Are you well?
                                           7,ben,Very.

A table whose fields are named by their numbers has no header; one of the usual names is passed over.
"""

from __future__ import annotations

import csv
import itertools
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from chatbot.corpus.conversation import Conversation
from chatbot.corpus.counts import Counts, Progress
from chatbot.corpus.fields import PAIR, value
from chatbot.corpus.lines import alike, alternating, text_files, text_lines, utterance
from chatbot.errors import CorpusError

NAMES = frozenset(
    [
        "prompt",
        "reply",
        "question",
        "answer",
        "input",
        "output",
        "source",
        "target",
        "context",
        "response",
        "text",
        "utterance",
        "user",
        "bot",
        "human",
    ]
)
"""What the columns of a pair are called, where they are."""

Record = tuple[str, Mapping[str, Any]]  # where it stands, its fields
Fields = Mapping[str, str]


def read_csv(path: Path, counts: Counts, progress: Progress, fields: Fields) -> Iterator[Conversation]:
    """Conversations of tables with commas and a header (unless all fields are numbers)."""
    return _read(path, (".csv",), "comma", counts, progress, fields)


def read_tsv(path: Path, counts: Counts, progress: Progress, fields: Fields) -> Iterator[Conversation]:
    """Conversations of tables with TABs; two columns, prompt and reply, where no fields are named."""
    return _read(path, (".tsv", ".txt"), "TAB", counts, progress, fields)


def read_mapped_jsonl(path: Path, counts: Counts, progress: Progress, fields: Fields) -> Iterator[Conversation]:
    """Conversations of JSON objects, one a line, by named fields."""
    for file in text_files(path, (".jsonl",), "files of JSON lines"):
        yield from _conversations(_objects(file, counts, progress), fields, counts)


def _read(
    path: Path, endings: tuple[str, ...], separator: str, counts: Counts, progress: Progress, fields: Fields
) -> Iterator[Conversation]:
    fields = fields or PAIR
    for file in text_files(path, endings, f"tables with a {separator} between fields"):
        yield from _conversations(_rows(file, separator, counts, progress, fields), fields, counts)


def _rows(file: Path, separator: str, counts: Counts, progress: Progress, fields: Fields) -> Iterator[Record]:
    """Every row under its header, or by the numbers of its columns."""
    lines = (line for _, line in text_lines(file, counts, progress))
    if separator == "comma":
        reader = csv.reader(lines, strict=True)
    else:
        reader = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE, strict=True)
    numbered = all(name.isdigit() for name in fields.values())
    header: list[str] = []
    try:
        for row in reader:
            where = f"{file}:{reader.line_num}"
            if not any(map(str.strip, row)):
                counts.dropped["lines: blank"] += 1
            elif not header and not numbered:
                header = row
            elif reader.line_num == 1 and NAMES.issuperset(cell.strip().lower() for cell in row[:2]):
                counts.dropped["lines: a header"] += 1
            else:
                names = map(str, itertools.count(1)) if numbered else header
                yield where, dict(zip(names, row, strict=False))
    except csv.Error as error:
        raise CorpusError(
            f"{file}:{reader.line_num}: not a table with a {separator} between fields: {error}"
        ) from error


def _objects(file: Path, counts: Counts, progress: Progress) -> Iterator[Record]:
    for where, line in text_lines(file, counts, progress):
        if line.strip():
            try:
                found = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise CorpusError(f"{where}: not JSON; expected an object with named fields on each line") from error
            if not isinstance(found, dict):
                raise CorpusError(f"{where}: expected a JSON object, but found a {type(found).__name__}")
            yield where, found


def _conversations(records: Iterable[Record], fields: Fields, counts: Counts) -> Iterator[Conversation]:
    if "prompt" in fields:
        for where, record in records:
            texts = [value(record, fields[role], where) for role in ("prompt", "reply")]
            yield Conversation(where, alternating(texts, counts), _source(record, fields, where, alike(texts[0])))
        return
    for _, group in itertools.groupby(records, lambda one: value(one[1], fields["conversation"], one[0])):
        turns = list(group)
        where, first = turns[0]
        texts = [value(record, fields["text"], place) for place, record in turns]
        if "speaker" in fields:
            speakers = [value(record, fields["speaker"], place) for place, record in turns]
            said = tuple(utterance(who, text, counts) for who, text in zip(speakers, texts, strict=True))
        else:
            said = alternating(texts, counts)
        yield Conversation(where, said, _source(first, fields, where, where))


def _source(record: Mapping[str, Any], fields: Fields, where: str, otherwise: str) -> str:
    """What must stay in one split: the source named, or else the prompt or the conversation itself."""
    return (value(record, fields["source"], where) if "source" in fields else otherwise) or where
