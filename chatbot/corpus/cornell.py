"""The Cornell Movie-Dialogs Corpus, or any corpus in its file format -> conversations.

Two files of fields separated by ` +++$+++ `; the second one gives the order:
    movie_lines.txt            line id, character id, movie id, character name, text
    movie_conversations.txt    character id, character id, movie id, ['line id', 'line id', ...]
Lines go through a temporary SQLite file, so that memory does not grow with the corpus. A few malformed lines are
counted and left out; more than one in a hundred, a truncated file or a missing one is a `CorpusError`.
(Danescu-Niculescu-Mizil & Lee 2011, "Chameleons in imagined conversations".)
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from chatbot.corpus.conversation import Conversation, Utterance
from chatbot.corpus.counts import Counts, Progress, silent
from chatbot.corpus.encoding import decode
from chatbot.corpus.files import CorpusFile, find_file, numbered_lines
from chatbot.corpus.normalise import repairs
from chatbot.errors import CorpusError

LINES, CONVERSATIONS = "movie_lines.txt", "movie_conversations.txt"
SEPARATOR = " +++$+++ "
TOLERATED = 0.01  # share of malformed lines, and of conversations that name missing lines, that is only counted
_LINE_IDS = re.compile(r"\[\s*'[^'\[\]]+'(?:\s*,\s*'[^'\[\]]+')*\s*\]")
_LINE_ID = re.compile(r"'([^']+)'")
Line = tuple[str, str, str]  # speaker, movie, normalised text


def read_cornell(path: Path, counts: Counts, progress: Progress = silent) -> Iterator[Conversation]:
    """Yield the conversations of the corpus at `path` (a folder or a .zip), in the corpus's order.

    `counts` is filled on the way and complete when the iterator is exhausted.
    """
    lines, conversations = (_required(path, name) for name in (LINES, CONVERSATIONS))
    with contextlib.closing(sqlite3.connect("")) as index:  # "": a temporary file that the system removes
        _index_lines(lines, index, counts, progress)
        yield from _follow(conversations, lines, index, counts, progress)


def _required(path: Path, name: str) -> CorpusFile:
    if not path.exists():
        raise CorpusError(f"{path}: no such file or folder; give the folder that holds {LINES} and {CONVERSATIONS}")
    found = find_file(path, name)
    if found is None:
        raise CorpusError(
            f"{path}: no {name} in it, nor {name}.xz, nor {name}.gz, nor a .zip that holds it; "
            f"expected the files of the Cornell corpus, {LINES} and {CONVERSATIONS}"
        )
    return found


def _index_lines(file: CorpusFile, index: sqlite3.Connection, counts: Counts, progress: Progress) -> None:
    index.execute("CREATE TABLE lines (id TEXT PRIMARY KEY, speaker TEXT, movie TEXT, text TEXT) WITHOUT ROWID")
    for _, (line_id, speaker, movie, _, raw) in _rows(file, LINES, 5, counts, progress):
        text, changed = repairs(raw)
        counts.repaired.update(changed)
        counts.read["empty lines"] += not text
        cursor = index.execute("INSERT OR IGNORE INTO lines VALUES (?, ?, ?, ?)", (line_id, speaker, movie, text))
        counts.dropped["line with the id of an earlier one"] += 1 - cursor.rowcount


def _follow(
    file: CorpusFile, lines: CorpusFile, index: sqlite3.Connection, counts: Counts, progress: Progress
) -> Iterator[Conversation]:
    """Yield every conversation whose lines are all there and of its movie."""
    total, missing, first, named = 0, 0, "", 0
    for number, (_, _, movie, id_list) in _rows(file, CONVERSATIONS, 4, counts, progress):
        total += 1
        ids = _LINE_ID.findall(id_list)
        found = [_line(index, line_id) for line_id in ids]
        known = [line for line in found if line is not None]
        named += len(known)
        if len(known) < len(ids):
            missing += 1
            first = first or f"{file}:{number}: line {ids[found.index(None)]!r} is not in {lines}"
        elif any(line[1] != movie for line in known):
            counts.dropped["conversation with a line of another movie"] += 1
        else:
            turns = (Utterance(line[0], line[2], line_id) for line_id, line in zip(ids, known, strict=True))
            yield Conversation(ids[0], tuple(turns), movie)
    counts.dropped["conversation that names a missing line"] += missing
    counts.dropped["line in no conversation"] += max(0, _size(index) - named)
    if missing > TOLERATED * total:
        raise CorpusError(
            f"{first}; {missing:,} of {total:,} conversations name missing lines, "
            f"was {lines.path.name} cut short? Fetch or copy it again"
        )


def _line(index: sqlite3.Connection, line_id: str) -> Line | None:
    row: Line | None = index.execute("SELECT speaker, movie, text FROM lines WHERE id = ?", (line_id,)).fetchone()
    return row


def _size(index: sqlite3.Connection) -> int:
    return int(index.execute("SELECT count(*) FROM lines").fetchone()[0])


def _rows(
    file: CorpusFile, name: str, width: int, counts: Counts, progress: Progress
) -> Iterator[tuple[int, list[str]]]:
    """Yield (line number, fields) of the well-formed lines; count the others, raise when they are too many."""
    number, malformed, first, raw = 0, 0, "", b""
    for number, raw in numbered_lines(file, progress):
        text, encoding = decode(raw)
        fields = _split(text)
        if len(fields) == width and all(fields[:3]) and (width == 5 or _LINE_IDS.fullmatch(fields[3].strip())):
            if encoding != "ascii":
                counts.repaired[f"decoded from {encoding}"] += 1
            yield number, fields
            continue
        malformed += 1
        first = first or f"{file}:{number}: {len(fields)} fields in {text.strip()[:60]!r}"
        if not raw.endswith(b"\n"):
            raise CorpusError(f"{file}:{number}: the file ends in the middle of a line; fetch or copy it again")
        if malformed == number == 100:  # nothing of the format so far: do not read gigabytes of something else
            break
    counts.read[f"lines of {name}"] += number
    counts.dropped[f"malformed line of {name}"] += malformed
    if not number:
        raise CorpusError(f"{file}: the file is empty; expected lines of {width} fields separated by {SEPARATOR!r}")
    if malformed > TOLERATED * number:
        raise CorpusError(
            f"{first}; expected {width} fields separated by {SEPARATOR!r}, "
            f"{malformed:,} of {number:,} lines are otherwise; is this a corpus of another format?"
        )


def _split(text: str) -> list[str]:
    text = text.rstrip("\r\n")
    return (f"{text} " if text.endswith(SEPARATOR.rstrip()) else text).split(SEPARATOR)  # an empty text, its space cut
