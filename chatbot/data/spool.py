"""All conversations in a temporary file: a corpus is read once and gone through several times.

In: conversations in any order. Out: the same, by split, in the order they came. The file is SQLite's own temporary
one, which the system removes whatever happens; memory does not grow with the corpus.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from types import TracebackType

from chatbot.corpus.conversation import Conversation, Utterance


class Spool:
    """A temporary store of conversations; a context manager."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("")
        self._database.execute("CREATE TABLE conversations (id TEXT, source TEXT, utterances TEXT)")
        self._database.execute("CREATE TABLE splits (source TEXT PRIMARY KEY, split TEXT)")

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def add(self, conversation: Conversation) -> None:
        """Store one conversation."""
        turns = json.dumps([(turn.speaker, turn.text, turn.id) for turn in conversation.utterances])
        row = (conversation.id, conversation.source, turns)
        self._database.execute("INSERT INTO conversations VALUES (?, ?, ?)", row)

    def sources(self) -> list[str]:
        """The distinct sources, sorted."""
        return [row[0] for row in self._database.execute("SELECT DISTINCT source FROM conversations ORDER BY source")]

    def assign(self, splits: Mapping[str, str]) -> None:
        """Say which split each source belongs to."""
        self._database.executemany("INSERT INTO splits VALUES (?, ?)", splits.items())

    def conversations(self, split: str) -> Iterator[Conversation]:
        """The conversations of a split, in the order they were added."""
        query = "SELECT id, source, utterances FROM conversations JOIN splits USING (source) WHERE split = ?"
        for number, source, turns in self._database.execute(f"{query} ORDER BY conversations.rowid", (split,)):
            yield Conversation(number, tuple(Utterance(*turn) for turn in json.loads(turns)), source)

    def texts(self, split: str) -> Iterator[str]:
        """The non-empty texts of a split, in order."""
        for conversation in self.conversations(split):
            yield from (turn.text for turn in conversation.utterances if turn.text)
