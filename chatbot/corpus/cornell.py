"""The Cornell Movie-Dialogs Corpus, or any corpus in its file format -> conversations.

    movie_lines.txt                 line id, character id, movie id, character name, text
    movie_conversations.txt         character id, character id, movie id, ['line id', ...] in the order of speech
    movie_titles_metadata.txt       only counted, where they are there
    movie_characters_metadata.txt

Lines go through a temporary database, so that memory does not grow with the corpus.
(Danescu-Niculescu-Mizil & Lee 2011, "Chameleons in imagined conversations".)
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from chatbot.corpus.conversation import Conversation, Utterance
from chatbot.corpus.counts import Counts, Progress, silent
from chatbot.corpus.files import CorpusFile, find_file
from chatbot.corpus.normalise import repairs
from chatbot.corpus.rows import CHARACTERS, CONVERSATIONS, LINES, TITLES, TOLERATED, line_ids, rows
from chatbot.corpus.temporary import temporary_database
from chatbot.errors import CorpusError

Line = tuple[str, str, str]  # speaker, movie, normalised text


def read_cornell(path: Path, counts: Counts, progress: Progress = silent) -> Iterator[Conversation]:
    """Yield the conversations of the corpus at `path` (a folder or a .zip), in the corpus's order.

    `counts` is filled on the way and complete when the iterator is exhausted. Raises `CorpusError`.
    """
    lines, conversations = (_required(path, name) for name in (LINES, CONVERSATIONS))
    for name in (TITLES, CHARACTERS):
        if file := find_file(path, name):
            for _ in rows(file, name, counts, progress):
                pass
    with temporary_database() as index:
        _index_lines(lines, index, counts, progress)
        yield from _follow(conversations, lines, index, counts, progress)


def _required(path: Path, name: str) -> CorpusFile:
    found = find_file(path, name)
    if found is None:
        raise CorpusError(
            f"{path}: no {name} in it, nor {name}.xz, nor {name}.gz, nor a .zip that holds it; "
            f"expected the files of the Cornell corpus, {LINES} and {CONVERSATIONS}"
        )
    return found


def _index_lines(file: CorpusFile, index: sqlite3.Connection, counts: Counts, progress: Progress) -> None:
    index.execute("CREATE TABLE lines (id TEXT PRIMARY KEY, speaker TEXT, movie TEXT, text TEXT) WITHOUT ROWID")
    for _, (line_id, speaker, movie, _, raw) in rows(file, LINES, counts, progress):
        text, changed = repairs(raw)
        counts.repaired.update(f"lines: {name}" for name in changed)
        if not text:
            counts.read["lines with an empty text"] += 1
        cursor = index.execute("INSERT OR IGNORE INTO lines VALUES (?, ?, ?, ?)", (line_id, speaker, movie, text))
        if not cursor.rowcount:
            counts.dropped["lines: the id of an earlier one"] += 1


def _follow(
    file: CorpusFile, lines: CorpusFile, index: sqlite3.Connection, counts: Counts, progress: Progress
) -> Iterator[Conversation]:
    """Yield every conversation whose lines are all there and of its movie."""
    total, missing, first = 0, 0, ""
    index.execute("CREATE TABLE named (id TEXT)")
    for number, (_, _, movie, id_list) in rows(file, CONVERSATIONS, counts, progress):
        total += 1
        ids = line_ids(id_list)
        index.executemany("INSERT INTO named VALUES (?)", ((line_id,) for line_id in ids))
        found = [_line(index, line_id) for line_id in ids]
        known = [line for line in found if line is not None]
        if len(known) < len(ids):
            missing += 1
            first = first or f"{file}:{number}: names {ids[found.index(None)]!r}, which is not in {lines}"
        elif any(line[1] != movie for line in known):
            counts.dropped["conversations: a line of another movie"] += 1
        else:
            turns = (Utterance(line[0], line[2], line_id) for line_id, line in zip(ids, known, strict=True))
            yield Conversation(ids[0], tuple(turns), movie)
    if missing > TOLERATED * total:
        raise CorpusError(
            f"{first}; {missing:,} of {total:,} conversations name missing lines, was {lines.path.name} cut short? "
            "Fetch or copy it again"
        )
    unnamed = index.execute("SELECT count(*) FROM lines WHERE id NOT IN (SELECT id FROM named)").fetchone()[0]
    counts.dropped.update({"conversations: a missing line": missing, "lines: in no conversation": unnamed})


def _line(index: sqlite3.Connection, line_id: str) -> Line | None:
    row: Line | None = index.execute("SELECT speaker, movie, text FROM lines WHERE id = ?", (line_id,)).fetchone()
    return row
