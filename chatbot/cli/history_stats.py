"""`chatbot history stats`: the conversations kept -> counts, and little charts of when one talks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from chatbot.cli.history_changes import counted
from chatbot.cli.history_filters import filter_options
from chatbot.cli.options import database_option, json_option
from chatbot.cli.pager import pager_option, print_lines

if TYPE_CHECKING:
    from chatbot.store.counting import Counts
    from chatbot.store.filters import Filter

BARS = "▁▂▃▄▅▆▇█"
MOST_COLUMNS = 60  # of a chart
LONGEST = 60  # characters of a reply that are shown
MOST_MODELS = 5


@click.command()
@filter_options
@json_option
@pager_option
@database_option
def stats(wanted: Filter, as_json: bool, no_pager: bool, database: str | None) -> None:
    """Count what was said: conversations, turns, words, models, when, how fast, how varied, how well liked.

    Turns and replies count on all branches. Words include punctuation marks; distinct-1 and distinct-2 are the shares
    of different words, and pairs of words, of all replies.
    """
    from chatbot.cli.output import print_json
    from chatbot.store.counting import count
    from chatbot.store.history import History

    with History.open(database) as history:
        found = count(history, wanted)
    if as_json:
        print_json(found.as_dict())
    else:
        print_lines(_lines(found), no_pager)


def _lines(found: Counts) -> Iterator[str]:
    marks = f", {found.bookmarked:,} bookmarked" if found.bookmarked else ""
    yield f"conversations  {found.conversations:,}{marks}"
    yield f"you            {counted(found.turns, 'turn')}, {counted(found.words_said, 'word')}"
    yield f"bot            {counted(found.replies, 'reply')}, {counted(found.words_replied, 'word')}"
    yield from _models(found)
    if found.turns:
        yield from _when(found)
    if found.seconds:
        yield "seconds        " + ", ".join(f"{name} {value:.3g}" for name, value in found.seconds.items()) + " a reply"
    if found.replies:
        yield f"varied         distinct-1 {found.distinct_1:.3f}, distinct-2 {found.distinct_2:.3f}"
        yield from _commonest(found)
    if any(found.ratings.values()):
        yield "rated          " + ", ".join(f"{name}: {times:,}" for name, times in found.ratings.items() if times)


def _models(found: Counts) -> Iterator[str]:
    from chatbot.terminal import one_line

    for place, (name, fingerprint, replies) in enumerate(found.models[:MOST_MODELS]):
        label = "models" if place == 0 else ""
        yield f"{label:<13}  {one_line(name)} ({one_line(fingerprint[:8])}): {counted(replies, 'reply')}"
    if len(found.models) > MOST_MODELS:
        yield f"{'':<13}  and {len(found.models) - MOST_MODELS} more"


def _when(found: Counts) -> Iterator[str]:
    first, last = next(iter(found.days)), next(reversed(found.days))
    step = -(-len(found.days) // MOST_COLUMNS)
    numbers = list(found.days.values())
    sums = [sum(numbers[start : start + step]) for start in range(0, len(numbers), step)]
    each = "a day" if step == 1 else f"{step} days"
    yield f"turns {each:<8} {sparkline(sums)} {first} to {last}, at most {max(sums):,}"
    yield f"turns an hour  {sparkline(found.hours)} 0 to 23 o'clock, at most {max(found.hours):,}"


def _commonest(found: Counts) -> Iterator[str]:
    from chatbot.terminal import one_line

    for place, (reply, times) in enumerate(one for one in found.commonest if one[1] > 1):
        label = "most common" if place == 0 else ""
        text = one_line(reply)
        shown = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
        yield f"{label:<13}  {times:>5,} ({times / found.replies:5.1%})  {shown}"


def sparkline(numbers: Sequence[int]) -> str:
    """A bar for each number; none for 0."""
    most = max(numbers, default=0)
    return "".join(BARS[(number * len(BARS) - 1) // most] if number else " " for number in numbers)
