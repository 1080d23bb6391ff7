"""The conversations asked for -> counts: how much was said, when, by whom, how fast, how varied, how well liked."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from chatbot.evaluation.replies import ngrams, words_of
from chatbot.store import schema
from chatbot.store.annotations import BEST, BOOKMARK, RATING, WORST
from chatbot.store.filters import Filter, chosen, during
from chatbot.store.history import History
from chatbot.store.rows import moment

QUARTER = 15 * 60 * 1_000_000  # microseconds; no clock is put otherwise than by quarters of an hour
COMMONEST = 5  # replies that are listed
QUANTILES = {"median": 0.5, "p90": 0.9, "p99": 0.99, "longest": 1.0}

_ROOM, _SAID, _REPLY, _NOTE = (getattr(schema, name).c for name in ("conversation", "turn", "reply", "annotation"))


@dataclass(frozen=True, slots=True)
class Counts:
    """Turns and replies count on all branches, within the time asked for; words are those of `text.words`.

    `models` are (name, fingerprint, replies), most replies first; `days` holds local days from the first to the last,
    `hours` the 24 hours of the local clock, both in turns; `seconds` are quantiles by nearest rank; distinct-1 and -2
    are different words and pairs of words over all of them (Li et al. 2016); `commonest` are (reply, times).
    """

    conversations: int
    bookmarked: int
    turns: int
    replies: int
    words_said: int
    words_replied: int
    models: tuple[tuple[str, str, int], ...]
    days: dict[str, int]
    hours: tuple[int, ...]
    seconds: dict[str, float]
    distinct_1: float
    distinct_2: float
    commonest: tuple[tuple[str, int], ...]
    ratings: dict[str, int]

    def as_dict(self) -> dict[str, Any]:
        """Everything, for JSON."""
        return asdict(self)


def count(history: History, wanted: Filter) -> Counts:
    """Count what the conversations asked for hold."""
    with history.read() as connection:
        rooms = chosen(connection, wanted)
        here = [] if rooms is None else [_SAID.conversation_id.in_(rooms)]
        joined = schema.reply.join(schema.turn, _REPLY.turn_id == _SAID.id)
        said = _Scope(schema.turn, [*here, *during(_SAID.created_at, wanted)])
        given = _Scope(joined, [*here, *during(_REPLY.created_at, wanted)])
        days, hours = _times(connection, said)
        replied = _Varied(connection.scalars(given.asked(_REPLY.text).execution_options(yield_per=1000)))
        return Counts(
            conversations=_number(connection, select(func.count()).select_from(schema.conversation), rooms, _ROOM.id),
            bookmarked=_number(connection, _annotations(BOOKMARK), rooms, _NOTE.conversation_id),
            turns=int(connection.scalar(said.asked(func.count())) or 0),
            replies=replied.texts.total(),
            words_said=sum(len(words_of(text)) for text in connection.scalars(said.asked(_SAID.text))),
            words_replied=replied.words,
            models=_models(connection, given),
            days=days,
            hours=hours,
            seconds=_quantiles(connection.scalars(given.asked(_REPLY.seconds).where(_REPLY.seconds.is_not(None)))),
            distinct_1=replied.distinct(1),
            distinct_2=replied.distinct(2),
            commonest=tuple(replied.texts.most_common(COMMONEST)),
            ratings=_ratings(connection, rooms),
        )


class _Scope:
    """Rows of a table, or of joined ones, that are counted."""

    def __init__(self, rows: Any, where: Sequence[ColumnElement[bool]]) -> None:
        self.rows, self.where = rows, where

    def asked(self, *columns: Any) -> Select[Any]:
        """A question about these rows."""
        return select(*columns).select_from(self.rows).where(*self.where)


class _Varied:
    """Replies, counted; their n-grams, too."""

    def __init__(self, replies: Iterable[str]) -> None:
        self.texts = Counter(replies)
        self._said = [(words_of(text), times) for text, times in self.texts.items()]
        self.words = sum(len(words) * times for words, times in self._said)

    def distinct(self, n: int) -> float:
        """Different n-grams over n-grams; 0 where there are none."""
        different = {gram for words, _ in self._said for gram in ngrams(words, n)}
        every = sum(max(0, len(words) - n + 1) * times for words, times in self._said)
        return len(different) / every if every else 0.0


def _number(connection: Connection, query: Select[Any], rooms: Select[Any] | None, column: ColumnElement[int]) -> int:
    return int(connection.scalar(query if rooms is None else query.where(column.in_(rooms))) or 0)


def _annotations(kind: str) -> Select[Any]:
    return select(func.count()).select_from(schema.annotation).where(_NOTE.kind == kind)


def _models(connection: Connection, given: _Scope) -> tuple[tuple[str, str, int], ...]:
    times = func.count()
    query = given.asked(_REPLY.fingerprint, times).where(_REPLY.fingerprint.is_not(None)).group_by(_REPLY.fingerprint)
    names = {row.fingerprint: row.name for row in connection.execute(select(schema.model))}
    found = connection.execute(query.order_by(times.desc(), _REPLY.fingerprint)).all()
    return tuple((names.get(fingerprint, ""), fingerprint, number) for fingerprint, number in found)


def _times(connection: Connection, said: _Scope) -> tuple[dict[str, int], tuple[int, ...]]:
    """Turns by local day, days without any among them, and by hour of the local clock."""
    quarter = (_SAID.created_at - _SAID.created_at % QUARTER).label("quarter")
    days: Counter[date] = Counter()
    hours: Counter[int] = Counter()
    for start, number in connection.execute(said.asked(quarter, func.count()).group_by(quarter)):
        local = moment(start).astimezone()
        days[local.date()] += number
        hours[local.hour] += number
    first, last = min(days, default=date.min), max(days, default=date.min)
    every = (first + timedelta(days=passed) for passed in range((last - first).days + 1)) if days else ()
    return {day.isoformat(): days[day] for day in every}, tuple(hours[hour] for hour in range(24))


def _quantiles(found: Iterable[float | None]) -> dict[str, float]:
    ranked = sorted(one for one in found if one is not None and math.isfinite(one))
    return {name: ranked[max(0, math.ceil(share * len(ranked)) - 1)] for name, share in QUANTILES.items() if ranked}


def _ratings(connection: Connection, rooms: Select[Any] | None) -> dict[str, int]:
    query = select(_NOTE.text, func.count()).where(_NOTE.kind == RATING).group_by(_NOTE.text)
    query = query if rooms is None else query.where(_NOTE.conversation_id.in_(rooms))
    found = {text: number for text, number in connection.execute(query)}
    return {str(rating): found.get(str(rating), 0) for rating in range(WORST, BEST + 1)}
