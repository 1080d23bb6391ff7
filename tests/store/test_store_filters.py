"""Conversations by time, model, bookmark, rating and words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from toy_dialogue import toy_model

from chatbot.dialogue.dialogue import Dialogue
from chatbot.errors import UsageError
from chatbot.store import schema
from chatbot.store.annotations import bookmark, note, rate
from chatbot.store.filters import Filter, ratings_of
from chatbot.store.history import History
from chatbot.store.moments import microseconds_of
from chatbot.store.recorded import RecordedDialogue
from chatbot.store.searching import search
from chatbot.store.selecting import selected, selected_numbers

DAY = timedelta(days=1)
FIRST = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def kept(history: History) -> History:
    """Three conversations on three days, the second taken up again on the fourth, by the models a, b and (both) c."""
    for day, model in enumerate("abc"):
        dialogue = RecordedDialogue(Dialogue(toy_model(fingerprint=model * 64)), history)
        dialogue.reply(f"rain on day {day}")
        _on(history, day + 1, FIRST + day * DAY)
    resumed = RecordedDialogue.resume(Dialogue(toy_model(fingerprint="a" * 64)), history, 2)
    resumed.reply("again")
    with history.write() as connection:
        rows = schema.turn.c
        connection.execute(update(schema.turn).where(rows.text == "again").values(created_at=_stamp(FIRST + 3 * DAY)))
        values = {"updated_at": _stamp(FIRST + 3 * DAY)}
        connection.execute(update(schema.conversation).where(schema.conversation.c.id == 2).values(values))
    return history


def _stamp(when: datetime) -> int:
    return microseconds_of(when)


def _on(history: History, number: int, when: datetime) -> None:
    with history.write() as connection:
        rooms, turns = schema.conversation, schema.turn
        times = {"created_at": _stamp(when), "updated_at": _stamp(when)}
        connection.execute(update(rooms).where(rooms.c.id == number).values(times))
        connection.execute(update(turns).where(turns.c.conversation_id == number).values(created_at=_stamp(when)))


def numbers(history: History, wanted: Filter) -> list[int]:
    found = selected_numbers(history, wanted)
    assert sorted(one.id for one in selected(history, wanted)) == found
    return found


def test_by_time(kept: History) -> None:
    assert numbers(kept, Filter()) == [1, 2, 3]
    assert numbers(kept, Filter(since=FIRST + DAY)) == [2, 3]
    assert numbers(kept, Filter(until=FIRST + DAY)) == [1]
    assert numbers(kept, Filter(since=FIRST, until=FIRST + 2 * DAY)) == [1, 2]
    assert numbers(kept, Filter(since=FIRST + 2 * DAY, until=FIRST + 3 * DAY)) == [3]  # 2 was silent then
    assert numbers(kept, Filter(since=FIRST + 4 * DAY)) == []


def test_by_model(kept: History) -> None:
    assert numbers(kept, Filter(model="toy")) == [1, 2, 3]
    assert numbers(kept, Filter(model="aaa")) == [1, 2]
    assert numbers(kept, Filter(model="b" * 64)) == [2]
    for name in ("nobody", "", "%", "A"):
        with pytest.raises(UsageError, match="has replied; give a name, or how a fingerprint begins: toy"):
            numbers(kept, Filter(model=name))


def test_by_bookmark_and_rating(kept: History) -> None:
    bookmark(kept, 3)
    for reply, rating in ((1, 5), (2, 2), (3, 4)):
        rate(kept, reply, rating)
    assert numbers(kept, Filter(bookmarked=True)) == [3]
    assert numbers(kept, Filter(ratings=ratings_of("good", None))) == [1, 3]
    assert numbers(kept, Filter(ratings=ratings_of("bad", None))) == [2]
    assert numbers(kept, Filter(ratings=ratings_of(None, 5))) == [1]
    assert numbers(kept, Filter(ratings=ratings_of("good", 5))) == [1]
    assert numbers(kept, Filter(ratings=ratings_of("3", None))) == []
    assert numbers(kept, Filter(bookmarked=True, ratings=ratings_of("bad", None))) == []
    assert ratings_of(None, None) == frozenset()
    with pytest.raises(UsageError, match="no rating is bad and at least 4"):
        ratings_of("bad", 4)


def test_by_words(kept: History) -> None:
    note(kept, 1, 1, "a fine evening")
    assert numbers(kept, Filter(text="day 2")) == [3]
    assert numbers(kept, Filter(text="RAIN")) == [1, 2, 3]
    assert numbers(kept, Filter(text="evening")) == [1]
    assert numbers(kept, Filter(text="rain evening")) == []  # not in one text
    with pytest.raises(UsageError, match="needs a word"):
        numbers(kept, Filter(text="?"))


def test_search_looks_at_when_the_words_were_said(kept: History) -> None:
    def rooms(words: str, wanted: Filter) -> list[int]:
        return [one.conversation_id for one in search(kept, words, wanted=wanted)]

    assert sorted(rooms("rain", Filter())) == [1, 2, 3]
    assert rooms("rain", Filter(since=FIRST + 3 * DAY)) == []
    assert rooms("again", Filter(since=FIRST + 3 * DAY)) == [2]
    assert rooms("rain", Filter(since=FIRST + DAY, until=FIRST + 2 * DAY)) == [2]
    assert sorted(rooms("rain", Filter(model="aaa"))) == [1, 2]
    assert rooms("rain", Filter(text="day 2")) == [3]
