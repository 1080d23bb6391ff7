"""Words -> the turns, replies, annotations and titles that hold them all, best first.

SQLite ranks by BM25 (FTS5). Other databases look for the words as parts of a text, latest first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, literal, select, union_all

from chatbot.store import schema
from chatbot.store.annotations import RATING
from chatbot.store.filters import Filter, chosen, during, rooms_of
from chatbot.store.history import History
from chatbot.store.matching import hits, in_parts, wanted_words
from chatbot.store.records import moment
from chatbot.store.snippets import Snippet, snippet_of

TITLE = "title"


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
        found = connection.execute(_best(connection, typed, limit, wanted or Filter())).all()
        said = {(row.kind, row.conversation_id) for row in found}
        rows = [row for row in found if row.kind != TITLE or ("turn", row.conversation_id) not in said][:limit]
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


def _best(connection: Connection, words: Sequence[str], limit: int, wanted: Filter) -> Select[Any]:
    """The best of each table, then the best of these: twice as many as asked for, since most titles are first turns."""
    rooms = chosen(connection, wanted)
    parts = []
    for table in schema.TEXTS:
        rows = schema.metadata.tables[table].c
        best = hits(connection, table, words, 2 * limit if rooms is None else None).subquery(f"best_{table}")
        kind = rows.kind if table == "annotation" else literal(TITLE if table == "conversation" else table)
        columns = (literal(table).label("table"), kind.label("kind"), rows.id, rows.created_at, best.c.rank)
        found = rooms_of(table).add_columns(*columns).join(best, best.c.row == rows.id)
        found = found.where(*during(rows.created_at, wanted))
        if table == "annotation":
            found = found.where(rows.kind != RATING)
        if rooms is not None:
            found = found.where(found.selected_columns.conversation_id.in_(rooms))
        parts.append(found)
    every = union_all(*parts).subquery()
    return select(every).order_by(every.c.rank, every.c.created_at.desc(), every.c.id.desc()).limit(2 * limit)


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
