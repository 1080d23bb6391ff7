"""A time as a person says it ("yesterday", "3 days ago", "2026-11-20 15:00") -> when it begins and when it ends.

Days, weeks (from Monday) and months are those of the local clock; what is shorter than a day is one moment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chatbot.errors import UsageError

FORMS = (
    "'today', 'yesterday', 'monday', 'this week', 'last month', '3 days ago', '2 hours ago', '2026', '2026-11', "
    "'2026-11-20', '2026-11-20 15:00' or '2026-11-20T15:00:00+01:00'"
)

_DAY = timedelta(days=1)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_UNIT = r"(?P<unit>minute|hour|day|week|month|year)s?"
_AGO = re.compile(rf"(?P<count>\d{{1,6}}|an?)\s+{_UNIT}\s+ago")
_THIS = re.compile(rf"(?P<which>this|last)\s+{_UNIT}")
_YEAR, _MONTH, _WEEK = re.compile(r"[0-9]{4}"), re.compile(r"[0-9]{4}-[0-9]{2}"), re.compile(r"[0-9]{4}-?W[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` up to, but without, `end`; both aware. A moment begins and ends at once."""

    start: datetime
    end: datetime


def span_of(text: str, now: datetime | None = None) -> Span:
    """The span that a text means at the time `now` (aware; None: the clock's). `UsageError` lists the forms."""
    words = " ".join(text.lower().split())
    here = (now or datetime.now(UTC)).astimezone().replace(tzinfo=None)
    try:
        found = _relative(words, here) or _named(words, here) or _dated(text.strip())
        return Span(found[0].astimezone(), found[1].astimezone())
    except (ValueError, OverflowError, OSError):  # not a time, or one that no clock shows
        raise UsageError(f"a time must be like {FORMS}, but received {text[:40]!r}") from None


def microseconds_of(moment: datetime) -> int:
    """An aware time as the tables keep it: microseconds since 1970 in UTC."""
    passed = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds


def _named(words: str, now: datetime) -> tuple[datetime, datetime] | None:
    today = _begin(now, "day")
    if words == "now":
        return now, now
    if words in ("today", "yesterday"):
        start = today if words == "today" else today - _DAY
        return start, start + _DAY
    if words in _WEEKDAYS:  # the last one that has begun
        start = today - _DAY * ((today.weekday() - _WEEKDAYS.index(words)) % 7)
        return start, start + _DAY
    return None


def _relative(words: str, now: datetime) -> tuple[datetime, datetime] | None:
    if said := _THIS.fullmatch(words):
        unit = said["unit"]
        start = _begin(now if unit in ("minute", "hour") else _begin(now, "day"), unit)
        start = start if said["which"] == "this" else _back(start, unit, 1)
        return start, _back(start, unit, -1)
    if said := _AGO.fullmatch(words):
        unit, count = said["unit"], int(said["count"]) if said["count"].isdigit() else 1
        start = _back(now, unit, count)
        if unit in ("minute", "hour"):
            return start, start
        start = _begin(start, "day")
        return start, start + _DAY
    return None


def _dated(text: str) -> tuple[datetime, datetime]:
    if _YEAR.fullmatch(text):
        start = datetime(int(text), 1, 1)
        return start, _back(start, "year", -1)
    if _MONTH.fullmatch(text):
        start = datetime.fromisoformat(f"{text}-01")
        return start, _back(start, "month", -1)
    start = datetime.fromisoformat(text)
    if _WEEK.fullmatch(text):
        return start, start + 7 * _DAY
    return start, start + _DAY if re.fullmatch(r"[\dW-]+", text) else start


def _begin(moment: datetime, unit: str) -> datetime:
    """The start of the minute, hour, day, week, month or year that a moment lies in."""
    if unit == "week":
        moment -= _DAY * moment.weekday()
    fields = {"year": 1, "month": 2, "week": 3, "day": 3, "hour": 4, "minute": 5}[unit]
    return datetime(*(moment.timetuple()[:fields] + (1, 1)[fields - 1 :]))  # type: ignore[arg-type]


def _back(moment: datetime, unit: str, count: int) -> datetime:
    """The same place on the clock `count` units earlier; the last day of a month that is too short for it."""
    if unit not in ("month", "year"):
        return moment - count * timedelta(**{f"{unit}s": 1})
    months = moment.year * 12 + moment.month - 1 - count * (12 if unit == "year" else 1)
    year, month = divmod(months, 12)
    last = (datetime(year + month // 11, (month + 1) % 12 + 1, 1) - _DAY).day
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))
