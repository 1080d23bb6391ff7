"""Words -> the turns, replies, annotations and titles that hold them all, best first.

They are found by the full-text indexes of SQLite; other databases look for the words as parts of a text. Where very
many places hold them, the latest of these are ranked, so that a search is as quick in a long history as in a short one.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, literal, select

from chatbot.store import schema
from chatbot.store.annotations import RATING
from chatbot.store.filters import Filter, chosen, during, rooms_of
from chatbot.store.history import History
from chatbot.store.matching import hits, in_parts, wanted_words
from chatbot.store.ranking import READ, scores
from chatbot.store.rows import moment
from chatbot.store.snippets import Snippet, snippet_of

TITLE = "title"
RANKED = 500  # places in each table: the latest that hold the words


@dataclass(frozen=True, slots=True)
class Found:
    """A place where the words stand.

    `kind` is "turn", "reply", "title" (`id` is then that of the conversation), or an annotation's: "note",
    "translation", ... `part` is the words with those around them.
    """

    conversation_id: int
    title: str
    kind: str
    id: int
    part: Snippet
    created_at: datetime

    @property
    def snippet(self) -> str:
        """The part, with every hit in brackets."""
        return self.part.marked()


def search(history: History, words: str, limit: int = 20, wanted: Filter | None = None) -> list[Found]:
    """The best places that hold all of the words; one that ends in * stands for all that begin with it.

    Whatever is typed is a word to look for, never an instruction. `wanted` limits the conversations that are looked
    through, and the time in which the words were said. `UsageError` where no letter and no digit is in the words.
    """
    typed = wanted_words(words)
    with history.read() as connection:
        rows = _best(connection, typed, limit, wanted or Filter())
        texts = _texts(connection, rows)
        titles = _titles(connection, {row.conversation_id for row in rows})
        parts = in_parts(connection, typed)
    return [
        Found(
            conversation_id=row.conversation_id,
            title=titles.get(row.conversation_id, ""),
            kind=row.kind,
            id=row.id,
            part=snippet_of(texts.get((row.table, row.id)) or "", typed, parts),
            created_at=moment(row.created_at),
        )
        for row in rows
    ]


def _best(connection: Connection, words: Sequence[str], limit: int, wanted: Filter) -> list[Row[Any]]:
    """The best of the candidates of all tables; a title whose first turn is there as well is left out."""
    rooms = chosen(connection, wanted)
    every = [
        row
        for table in schema.TEXTS
        for row in connection.execute(_latest(connection, table, words, rooms, wanted).limit(max(limit, RANKED)))
    ]
    said = {(row.kind, row.conversation_id) for row in every}
    found = [row for row in every if row.kind != TITLE or ("turn", row.conversation_id) not in said]
    ranked = zip(scores((row.text for row in found), words, in_parts(connection, words)), found, strict=True)
    best = heapq.nlargest(limit, ranked, key=lambda pair: (pair[0], pair[1].created_at, pair[1].id))
    return [row for _, row in best]


def _latest(
    connection: Connection, table: str, words: Sequence[str], rooms: Select[tuple[int]] | None, wanted: Filter
) -> Select[Any]:
    """The rows of a table that hold all the words, the latest first."""
    rows = schema.metadata.tables[table].c
    held = hits(connection, table, words).subquery(f"held_{table}")
    kind = rows.kind if table == "annotation" else literal(TITLE if table == "conversation" else table)
    beginning = func.substr(rows[schema.TEXTS[table]], 1, READ).label("text")
    columns = (literal(table).label("table"), kind.label("kind"), rows.id, rows.created_at, beginning)
    found = rooms_of(table).add_columns(*columns).join(held, held.c.row == rows.id)
    found = found.where(*during(rows.created_at, wanted))
    if table == "annotation":
        found = found.where(rows.kind != RATING)
    if rooms is not None:
        found = found.where(found.selected_columns.conversation_id.in_(rooms))
    return found.order_by(held.c.row.desc())


def _texts(connection: Connection, found: Sequence[Row[Any]]) -> dict[tuple[str, int], str | None]:
    texts: dict[tuple[str, int], str | None] = {}
    for table, column in schema.TEXTS.items():
        rows = schema.metadata.tables[table].c
        numbers = [row.id for row in found if row.table == table]
        for start in range(0, len(numbers), 500):
            query = select(rows.id, rows[column].label("text")).where(rows.id.in_(numbers[start : start + 500]))
            texts.update({(table, row.id): row.text for row in connection.execute(query)})
    return texts


def _titles(connection: Connection, numbers: set[int]) -> dict[int, str]:
    rows = schema.conversation.c
    query = select(rows.id, rows.title).where(rows.id.in_(numbers))
    return {row.id: row.title for row in connection.execute(query)}
