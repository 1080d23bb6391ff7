"""All conversations in a temporary file: a corpus is read once and gone through several times.

In: conversations in any order. Out: the same, by split, in the order they came. Memory does not grow with the corpus.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator, Mapping

from chatbot.corpus.conversation import Conversation, Utterance
from chatbot.corpus.temporary import temporary_database


class Spool:
    """A temporary store of conversations; made by `open_spool`."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        database.execute("CREATE TABLE conversations (id TEXT, corpus INTEGER, source TEXT, utterances TEXT)")
        database.execute("CREATE TABLE splits (source TEXT PRIMARY KEY, split TEXT) WITHOUT ROWID")

    def add(self, conversation: Conversation, corpus: int = 0) -> None:
        """Store one conversation of the corpus of this number."""
        turns = json.dumps([(turn.speaker, turn.text) for turn in conversation.utterances], ensure_ascii=False)
        row = (conversation.id, corpus, conversation.source, turns)
        self._database.execute("INSERT INTO conversations VALUES (?, ?, ?, ?)", row)

    def sources(self, corpus: int = 0) -> list[str]:
        """The distinct sources of a corpus, sorted."""
        query = "SELECT DISTINCT source FROM conversations WHERE corpus = ? ORDER BY source"
        return [row[0] for row in self._database.execute(query, (corpus,))]

    def assign(self, splits: Mapping[str, str]) -> None:
        """Say which split each source belongs to."""
        self._database.executemany("INSERT INTO splits VALUES (?, ?)", splits.items())

    def size(self, split: str) -> tuple[int, int]:
        """Number of conversations of a split, and roughly the number of characters in them."""
        query = "SELECT count(*), sum(length(utterances)) FROM conversations JOIN splits USING (source) WHERE split = ?"
        count, characters = self._database.execute(query, (split,)).fetchone()
        return count, characters or 0

    def conversations(self, split: str, corpus: int | None = None) -> Iterator[Conversation]:
        """The conversations of a split, or of one corpus in it, as they were added; utterances lack their ids."""
        query = (
            "SELECT id, utterances, source FROM conversations CROSS JOIN splits USING (source) "
            "WHERE split = ? AND ? IN (corpus, -1) "
            "ORDER BY conversations.rowid"  # CROSS: go through them as they stand, sort nothing
        )
        for name, turns, source in self._database.execute(query, (split, -1 if corpus is None else corpus)):
            yield Conversation(name, tuple(Utterance(*turn) for turn in json.loads(turns)), source)

    def texts(self, split: str) -> Iterator[str]:
        """The non-empty texts of a split, in order."""
        for conversation in self.conversations(split):
            yield from (turn.text for turn in conversation.utterances if turn.text)


@contextlib.contextmanager
def open_spool() -> Iterator[Spool]:
    """Yield an empty spool that vanishes at the end."""
    with temporary_database() as database:
        yield Spool(database)
