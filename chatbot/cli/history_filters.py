"""Options of `chatbot history` that say which conversations are meant: by time, model, bookmark, rating and words."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import click

Function = TypeVar("Function", bound=Callable[..., Any])

RATINGS = ("good", "bad", "1", "2", "3", "4", "5")
_TIME = '"yesterday", "3 days ago", "last week", 2026-11-20, "2026-11-20 15:00", ...'
_OPTIONS = (
    click.option("--since", metavar="TIME", help=f"talked in then or later: {_TIME}"),
    click.option("--until", metavar="TIME", help="talked in before then; a day, week, month or year is let in whole"),
    click.option("--on", "during", metavar="TIME", help="talked in on that day, or in that week, month or year"),
    click.option("--model", metavar="MODEL", help="in which this model replied: a name, or a fingerprint's start"),
    click.option("--bookmarked", is_flag=True, help="with a bookmark"),
    click.option(
        "--rating", type=click.Choice(RATINGS), help="in which a reply was rated so; good: 4 or 5, bad: 1 or 2"
    ),
    click.option("--min-rating", type=click.IntRange(1, 5), metavar="N", help="in which a reply was rated N or better"),
    click.option("--text", metavar="WORDS", help="in which one turn, reply, note or title holds all these words"),
)
_NAMES = ("since", "until", "during", "model", "bookmarked", "rating", "min_rating", "text")


def filter_options(function: Function) -> Function:
    """Add the options; the function gets `wanted`, a `chatbot.store.filters.Filter` of those that were given."""

    @functools.wraps(function)
    def gather(*args: Any, **options: Any) -> Any:
        given = {name: options.pop(name) for name in _NAMES}
        return function(*args, wanted=_filter(**given), **options)

    for option in reversed(_OPTIONS):
        gather = option(gather)
    return gather  # type: ignore[return-value]


def _filter(
    since: str | None,
    until: str | None,
    during: str | None,
    model: str | None,
    bookmarked: bool,
    rating: str | None,
    min_rating: int | None,
    text: str | None,
) -> Any:
    """The filter that the options mean; whatever is wrong with them is a `UsageError`."""
    from chatbot.errors import UsageError
    from chatbot.store.filters import Filter, ratings_of
    from chatbot.store.moments import span_of

    if during is not None and (since is not None or until is not None):
        raise UsageError("--on says both ends of the time; leave out --since and --until")
    span = span_of(during) if during is not None else None
    if span and span.start == span.end:
        raise UsageError(f"--on needs a day, week, month or year, but received {during!r}; say --since and --until")
    start = span.start if span else span_of(since).start if since is not None else None
    end = span.end if span else span_of(until).end if until is not None else None
    if start and end and start >= end:
        raise UsageError(f"--since {since!r} does not come before --until {until!r}")
    return Filter(start, end, model, bookmarked, ratings_of(rating, min_rating), text)
