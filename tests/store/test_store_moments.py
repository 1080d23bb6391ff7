"""Times as a person says them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.errors import UsageError
from chatbot.store.moments import FORMS, microseconds_of, span_of
from chatbot.store.rows import moment

NOW = datetime(2026, 3, 31, 15, 4, 5, tzinfo=UTC)  # a Tuesday


@pytest.fixture(autouse=True)
def _berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A clock that was put forward two days before NOW."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("now", "2026-03-31T17:04:05+02:00", "2026-03-31T17:04:05+02:00"),
        ("today", "2026-03-31T00:00:00+02:00", "2026-04-01T00:00:00+02:00"),
        (" Yesterday ", "2026-03-30T00:00:00+02:00", "2026-03-31T00:00:00+02:00"),
        ("sunday", "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00"),  # 23 hours long
        ("tuesday", "2026-03-31T00:00:00+02:00", "2026-04-01T00:00:00+02:00"),
        ("this week", "2026-03-30T00:00:00+02:00", "2026-04-06T00:00:00+02:00"),
        ("last week", "2026-03-23T00:00:00+01:00", "2026-03-30T00:00:00+02:00"),
        ("last month", "2026-02-01T00:00:00+01:00", "2026-03-01T00:00:00+01:00"),
        ("this year", "2026-01-01T00:00:00+01:00", "2027-01-01T00:00:00+01:00"),
        ("3 days  ago", "2026-03-28T00:00:00+01:00", "2026-03-29T00:00:00+01:00"),
        ("a month ago", "2026-02-28T00:00:00+01:00", "2026-03-01T00:00:00+01:00"),
        ("13 months ago", "2025-02-28T00:00:00+01:00", "2025-03-01T00:00:00+01:00"),
        ("an hour ago", "2026-03-31T16:04:05+02:00", "2026-03-31T16:04:05+02:00"),
        ("90 minutes ago", "2026-03-31T15:34:05+02:00", "2026-03-31T15:34:05+02:00"),
        ("2024", "2024-01-01T00:00:00+01:00", "2025-01-01T00:00:00+01:00"),
        ("2024-12", "2024-12-01T00:00:00+01:00", "2025-01-01T00:00:00+01:00"),
        ("2026-W13", "2026-03-23T00:00:00+01:00", "2026-03-30T00:00:00+02:00"),
        ("2024-02-29", "2024-02-29T00:00:00+01:00", "2024-03-01T00:00:00+01:00"),
        ("2026-07-01 15:00", "2026-07-01T15:00:00+02:00", "2026-07-01T15:00:00+02:00"),
        ("2026-07-01T15:00:00Z", "2026-07-01T17:00:00+02:00", "2026-07-01T17:00:00+02:00"),
    ],
)
def test_what_a_person_says(text: str, start: str, end: str) -> None:
    span = span_of(text, NOW)
    assert (span.start.isoformat(), span.end.isoformat()) == (start, end)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "0 o'clock",
        "999999 years ago",
        "999999 days ago",
        "0000",
        "9999",
        "9999-12-31",
        "2026-13",
        "1/2/2026",
    ],
)
def test_what_is_no_time_gets_the_forms(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        span_of(text, NOW)
    assert FORMS in str(caught.value)
    assert repr(text) in str(caught.value)


@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)), st.timedeltas(timedelta(0), timedelta(days=300)))
def test_any_date_and_time_is_read_as_written(date: datetime, ago: timedelta) -> None:
    exact = date.replace(tzinfo=UTC)
    assert span_of(exact.isoformat(), NOW).start == exact == moment(microseconds_of(exact))
    whole = span_of(f"{ago.days} days ago", exact)
    assert whole.start <= (exact - timedelta(days=ago.days)).astimezone() + timedelta(hours=1)
    assert timedelta(hours=22) <= whole.end - whole.start <= timedelta(hours=26)
    assert span_of(date.date().isoformat(), NOW).start.hour in (0, 1)


@given(st.text(max_size=20))
def test_any_text_is_a_time_or_an_error(text: str) -> None:
    try:
        span = span_of(text, NOW)
    except UsageError:
        return
    assert span.start <= span.end
