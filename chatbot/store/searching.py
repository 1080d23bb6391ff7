"""Words -> the turns, replies and annotations that hold them all, best first.

SQLite ranks by BM25 (FTS5; capitals and accents do not count). Other databases look for the words as parts of a text,
latest first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Float,
    FromClause,
    Integer,
    Row,
    Select,
    and_,
    literal,
    literal_column,
    select,
    text,
    union_all,
)

from chatbot.dialogue.wellformed import well_formed
from chatbot.errors import UsageError
from chatbot.store import schema
from chatbot.store.annotations import RATING
from chatbot.store.history import History
from chatbot.store.records import moment

OPENS, CLOSES = "[", "]"  # around each hit
AROUND = 12  # words of a snippet
WIDTH = 80  # characters of one where the database makes none

_JOINED = {
    "turn": schema.turn,
    "reply": schema.reply.join(schema.turn, schema.reply.c.turn_id == schema.turn.c.id),
    "annotation": schema.annotation,
}
_ROOM = {name: (schema.annotation if name == "annotation" else schema.turn).c.conversation_id for name in _JOINED}


@dataclass(frozen=True, slots=True)
class Found:
    """A place where the words stand. `kind` is "turn", "reply", or an annotation's: "note", "correction", ..."""

    conversation_id: int
    title: str
    kind: str
    id: int
    snippet: str
    created_at: datetime


def search(history: History, words: str, limit: int = 20) -> list[Found]:
    """The best places that hold all of the words; one that ends in * stands for all that begin with it.

    Whatever is typed is a word to look for, never an instruction. `UsageError` where it holds no letter and no digit.
    """
    wanted = [word for word in well_formed(words).split() if re.search(r"[^\W_]", word)]
    if not wanted:
        raise UsageError(f"search needs a word to look for, but received {words[:40]!r}")
    with history.read() as connection:
        by_rank = connection.dialect.name == "sqlite"
        query = _ranked(limit) if by_rank else _plain(wanted, limit)
        rows = connection.execute(query, {"words": _phrases(wanted)} if by_rank else {}).all()
        titles = _titles(connection, {row.conversation_id for row in rows})
    return [_found(row, titles, wanted, by_rank) for row in rows]


def _phrases(wanted: Iterable[str]) -> str:
    """The words as FTS5 reads strings: in quotes, with those inside doubled; a * after them is its prefix query."""
    return " ".join(
        '"' + word.rstrip("*").replace('"', '""') + '"' + ("*" if word.endswith("*") else "") for word in wanted
    )


def _columns(
    name: str, snippet: ColumnElement[Any], rank: ColumnElement[Any], joined: FromClause | None = None
) -> Select[Any]:
    table = schema.metadata.tables[name]
    kind = schema.annotation.c.kind if name == "annotation" else literal(name)
    room = _ROOM[name].label("conversation_id")
    columns = (room, kind.label("kind"), table.c.id, table.c.created_at, snippet.label("snippet"), rank.label("rank"))
    found = select(*columns).select_from(_JOINED[name] if joined is None else joined)
    return found.where(schema.annotation.c.kind != RATING) if name == "annotation" else found


def _ranked(limit: int) -> Select[Any]:
    """The best of each index, which FTS5 finds without making snippets of the others; then the best of these."""
    parts = []
    for name in _JOINED:
        index = f"{name}_words"
        snippet: ColumnElement[str] = literal_column(f"snippet({index}, 0, '{OPENS}', '{CLOSES}', '…', {AROUND})")
        columns = (literal_column("rowid", Integer).label("row"), snippet.label("snippet"))
        best = select(*columns, literal_column("rank", Float).label("rank")).select_from(text(index))
        best = best.where(text(f"{index} MATCH :words")).order_by(text("rank")).limit(limit)
        hits = best.subquery(f"best_{name}")
        joined = _JOINED[name].join(hits, hits.c.row == schema.metadata.tables[name].c.id)
        parts.append(_columns(name, hits.c.snippet, hits.c.rank, joined))
    found = union_all(*parts).subquery()
    return select(found).order_by(found.c.rank, found.c.created_at.desc(), found.c.id.desc()).limit(limit)


def _plain(wanted: Iterable[str], limit: int) -> Select[Any]:
    parts = []
    for name in _JOINED:
        column = schema.metadata.tables[name].c.text
        holds = and_(*(column.icontains(word.rstrip("*"), autoescape=True) for word in wanted))
        parts.append(_columns(name, column, literal(0)).where(holds))
    found = union_all(*parts).subquery()
    return select(found).order_by(found.c.created_at.desc(), found.c.id.desc()).limit(limit)


def _titles(connection: Connection, numbers: set[int]) -> dict[int, str]:
    rows = schema.conversation.c
    query = select(rows.id, rows.title).where(rows.id.in_(numbers))
    return {row.id: row.title for row in connection.execute(query)}


def _found(row: Row[Any], titles: dict[int, str], wanted: list[str], by_rank: bool) -> Found:
    snippet = " ".join(str(row.snippet).split())
    if not by_rank:
        snippet = marked(snippet, wanted)
    title = titles.get(row.conversation_id, "")
    return Found(row.conversation_id, title, row.kind, row.id, snippet, moment(row.created_at))


def marked(line: str, wanted: list[str]) -> str:
    """A part of a line around the first of the words, with all of them marked."""
    pattern = re.compile("|".join(re.escape(word.rstrip("*")) for word in wanted), re.IGNORECASE)
    first = pattern.search(line)
    start = max(0, first.start() - WIDTH // 2) if first else 0
    part = ("…" if start else "") + line[start : start + WIDTH] + ("…" if start + WIDTH < len(line) else "")
    return pattern.sub(lambda match: f"{OPENS}{match[0]}{CLOSES}", part)
