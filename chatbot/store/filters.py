"""Which conversations a person asks for (by time, model, bookmark, rating, words) -> conditions on the tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, exists, or_, select, union

from chatbot.errors import UsageError
from chatbot.store import schema
from chatbot.store.annotations import BEST, BOOKMARK, RATING, WORST
from chatbot.store.matching import hits, wanted_words
from chatbot.store.moments import microseconds_of
from chatbot.terminal import one_line

GOOD, BAD = 4, 2  # ratings from, and up to, these

_ROOM = schema.conversation.c


@dataclass(frozen=True, slots=True)
class Filter:
    """What is asked for; what is None or empty is not asked. Times are aware; `until` itself is outside."""

    since: datetime | None = None
    until: datetime | None = None
    model: str | None = None  # a name, or how a fingerprint begins
    bookmarked: bool = False
    ratings: frozenset[int] = frozenset()  # of a reply, any of these
    text: str | None = None  # words that one turn, reply, annotation or title holds

    @property
    def empty(self) -> bool:
        """Whether every conversation is asked for."""
        return self == Filter()


def ratings_of(rating: str | None, lowest: int | None) -> frozenset[int]:
    """The ratings that "good", "bad" or a number, and a lowest one, leave; empty where neither is given."""
    named = {"good": range(GOOD, BEST + 1), "bad": range(WORST, BAD + 1)}
    allowed: Iterable[int] = range(WORST, BEST + 1)
    if rating is not None:
        allowed = named.get(rating) or [int(rating)]
    found = frozenset(one for one in allowed if one >= (lowest or WORST))
    if not found:
        raise UsageError(f"no rating is {rating} and at least {lowest}; ratings go from {WORST} (bad) to {BEST} (good)")
    return found if rating is not None or lowest is not None else frozenset()


def conditions(connection: Connection, wanted: Filter) -> Iterator[ColumnElement[bool]]:
    """Conditions on rows of `conversation`, all of which must hold. `UsageError` for a model that never replied."""
    if wanted.since or wanted.until:
        yield from _talked(wanted)
    if wanted.model is not None:
        yield _by_model(_fingerprints(connection, wanted.model))
    if wanted.bookmarked:
        yield _annotated(BOOKMARK)
    if wanted.ratings:
        yield _annotated(RATING, schema.annotation.c.text.in_([str(one) for one in sorted(wanted.ratings)]))
    if wanted.text is not None:
        yield _ROOM.id.in_(_holding(connection, wanted_words(wanted.text)))


def chosen(connection: Connection, wanted: Filter) -> Select[tuple[int]] | None:
    """The numbers of the conversations asked for, as a query; None for all of them."""
    return None if wanted.empty else select(_ROOM.id).where(*conditions(connection, wanted))


def during(column: ColumnElement[int], wanted: Filter) -> list[ColumnElement[bool]]:
    """Conditions on a column of times: within what is asked for."""
    since = [column >= microseconds_of(wanted.since)] if wanted.since else []
    return since + ([column < microseconds_of(wanted.until)] if wanted.until else [])


def _talked(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    """Something was said within the time. The first two conditions follow from the third, and need no other table."""
    if wanted.since:
        yield _ROOM.updated_at >= microseconds_of(wanted.since)
    if wanted.until:
        yield _ROOM.created_at < microseconds_of(wanted.until)
    said = schema.turn.c
    yield exists().where(said.conversation_id == _ROOM.id, *during(said.created_at, wanted))


def _by_model(fingerprints: list[str]) -> ColumnElement[bool]:
    joined = schema.reply.join(schema.turn, schema.reply.c.turn_id == schema.turn.c.id)
    replied = (
        exists()
        .select_from(joined)
        .where(schema.turn.c.conversation_id == _ROOM.id, schema.reply.c.fingerprint.in_(fingerprints))
    )
    return or_(_ROOM.fingerprint.in_(fingerprints), replied)


def _fingerprints(connection: Connection, named: str) -> list[str]:
    rows = connection.execute(select(schema.model.c.fingerprint, schema.model.c.name)).all()
    found = [row.fingerprint for row in rows if named == row.name or (named and row.fingerprint.startswith(named))]
    if not found:
        names = ", ".join(sorted({one_line(row.name) for row in rows})) or "none yet"
        raise UsageError(f"no model {named[:60]!r} has replied; give a name, or how a fingerprint begins: {names}")
    return found


def _annotated(kind: str, *more: ColumnElement[bool]) -> ColumnElement[bool]:
    rows = schema.annotation.c
    return exists().where(rows.conversation_id == _ROOM.id, rows.kind == kind, *more)


def _holding(connection: Connection, wanted: list[str]) -> Select[tuple[int]]:
    """The conversations in which one text holds all the words."""
    parts = []
    for table in schema.TEXTS:
        found = hits(connection, table, wanted).subquery()
        parts.append(rooms_of(table).join(found, found.c.row == schema.metadata.tables[table].c.id))
    everywhere = union(*parts).subquery()
    return select(everywhere.c.conversation_id)


def rooms_of(table: str) -> Select[tuple[int]]:
    """The number of the conversation of each row of a table that is searched, as `conversation_id`."""
    joined = {
        "conversation": (schema.conversation, _ROOM.id),
        "turn": (schema.turn, schema.turn.c.conversation_id),
        "reply": (
            schema.reply.join(schema.turn, schema.reply.c.turn_id == schema.turn.c.id),
            schema.turn.c.conversation_id,
        ),
        "annotation": (schema.annotation, schema.annotation.c.conversation_id),
    }
    rows, number = joined[table]
    return select(number.label("conversation_id")).select_from(rows)
