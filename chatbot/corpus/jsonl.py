"""Conversations as lines of JSON -> conversations; what `chatbot history export --as corpus` writes.

    {"utterances": [{"speaker": "anna", "text": "Hello."}, {"speaker": "ben", "text": "Hi."}], "source": "a story"}

A line holds one conversation, `source` names what must stay in one split (the file and the line where there is none).
The path is one file, plain, .gz or .xz, or a folder with files named *.jsonl (.gz, .xz). Any wrong line is an error.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chatbot.corpus.conversation import Conversation, Utterance
from chatbot.corpus.counts import Counts, Progress, silent
from chatbot.corpus.files import CorpusFile, numbered_lines
from chatbot.corpus.normalise import repairs
from chatbot.errors import CorpusError

SUFFIXES = (".jsonl", ".jsonl.gz", ".jsonl.xz")
EXPECTED = 'expected {"utterances": [{"speaker": TEXT, "text": TEXT}, ...], "source": TEXT}'


def read_jsonl(path: Path, counts: Counts, progress: Progress = silent) -> Iterator[Conversation]:
    """Yield the conversations at `path`, in the order they stand. Raises `CorpusError` with file and line.

    `counts` is filled on the way and complete when the iterator is exhausted.
    """
    for file in _files(path):
        for number, raw in numbered_lines(CorpusFile(file), progress):
            counts.read["lines"] += 1
            if not raw.strip():
                counts.dropped["lines: blank"] += 1
                continue
            where = f"{file}:{number}"
            yield _conversation(_parsed(raw, where), where, counts)
    if not counts.read["lines"]:
        raise CorpusError(f"{path}: there is nothing in it; {EXPECTED} on each line")


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    found = sorted(file for file in path.glob("*") if file.name.endswith(SUFFIXES)) if path.is_dir() else []
    if not found:
        missing = "no file named *.jsonl in it, nor *.jsonl.gz, nor *.jsonl.xz" if path.is_dir() else "is not there"
        raise CorpusError(f"{path}: {missing}; give a file of JSON lines, or a folder with some")
    return found


def _parsed(raw: bytes, where: str) -> Any:
    try:
        return json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise CorpusError(f"{where}: not JSON in UTF-8; {EXPECTED}") from error


def _conversation(found: Any, where: str, counts: Counts) -> Conversation:
    utterances = found.get("utterances") if isinstance(found, dict) else None
    if not isinstance(utterances, list) or not utterances:
        raise CorpusError(f"{where}: no list of utterances; {EXPECTED}, as `chatbot history export --as corpus` writes")
    source = found.get("source", where)
    if not isinstance(source, str) or not source:
        raise CorpusError(f"{where}: source must be a text, but is {json.dumps(source)[:40]}; {EXPECTED}")
    said = tuple(_utterance(one, f"{where}: utterance {place}", counts) for place, one in enumerate(utterances, 1))
    return Conversation(where, said, source)


def _utterance(found: Any, where: str, counts: Counts) -> Utterance:
    if not isinstance(found, dict) or not all(isinstance(found.get(name), str) for name in ("speaker", "text")):
        raise CorpusError(f"{where}: must have a speaker and a text, both texts; {EXPECTED}")
    text, changed = repairs(found["text"])
    counts.repaired.update(f"lines: {name}" for name in changed)
    counts.read["utterances"] += 1
    if not text:
        counts.read["utterances with an empty text"] += 1
    return Utterance(found["speaker"], text)
