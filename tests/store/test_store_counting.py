"""Counting, deleting and copying what is kept."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from toy_dialogue import toy_model

from chatbot.errors import StoreError
from chatbot.evaluation.replies import distinct, words_of
from chatbot.store import schema
from chatbot.store.annotations import bookmark, rate
from chatbot.store.backups import back_up
from chatbot.store.counting import count
from chatbot.store.deleting import delete_conversations
from chatbot.store.filters import Filter
from chatbot.store.history import History
from chatbot.store.moments import microseconds_of
from chatbot.store.searching import search

FIRST = datetime(2026, 1, 1, 12, tzinfo=UTC)
REPLIES = ["Yes, yes.", "Yes, yes.", "No.", "I don't know."]


@pytest.fixture
def kept(history: History) -> History:
    """Two conversations, of three turns and of one, on days 1, 1, 3 and 3."""
    model = toy_model()
    empty = model.answer(["hello"], [False], model.settings)
    stamps = [FIRST, FIRST + timedelta(hours=1), FIRST + timedelta(days=2), FIRST + timedelta(days=2)]
    number, turn = history.start_conversation("hello there")
    for place, (text, when) in enumerate(zip(REPLIES, stamps, strict=True)):
        reply = history.add_reply(turn, replace(empty, text=text, seconds=place + 1.0), model)
        for table, row in ((schema.turn, turn), (schema.reply, reply)):
            with history.write() as connection:
                values = {"created_at": microseconds_of(when)}
                connection.execute(update(table).where(table.c.id == row).values(values))
        if place == 2:
            _, turn = history.start_conversation("what?")
        elif place < 2:
            turn = history.add_turn(number, "why not", reply)
    rate(history, 1, 5)
    rate(history, 2, 1)
    bookmark(history, number)
    return history


def test_everything_is_counted(kept: History) -> None:
    found = count(kept, Filter())
    assert (found.conversations, found.bookmarked, found.turns, found.replies) == (2, 1, 4, 4)
    assert (found.words_said, found.words_replied) == (2 + 2 + 2 + 2, 4 + 4 + 2 + 4)
    assert found.models == (("toy", "f" * 64, 4),)
    local = FIRST.astimezone()
    days = [(local + timedelta(days=passed)).date().isoformat() for passed in range(3)]
    assert found.days == dict(zip(days, (2, 0, 2), strict=True))
    assert (found.hours[local.hour], sum(found.hours), len(found.hours)) == (3, 4, 24)
    assert found.seconds == {"median": 2.0, "p90": 4.0, "p99": 4.0, "longest": 4.0}
    said = [words_of(text) for text in REPLIES]
    assert (found.distinct_1, found.distinct_2) == (distinct(said, 1), distinct(said, 2))
    assert found.commonest[0] == ("Yes, yes.", 2)
    assert found.ratings == {"1": 1, "2": 0, "3": 0, "4": 0, "5": 1}
    assert found.as_dict()["turns"] == 4


def test_only_what_is_asked_for_is_counted(kept: History) -> None:
    late = count(kept, Filter(since=FIRST + timedelta(days=1)))
    assert (late.turns, late.replies, late.conversations) == (2, 2, 2)
    assert count(kept, Filter(text="what")).replies == 1
    nothing = count(kept, Filter(until=FIRST))
    assert (nothing.turns, nothing.days, nothing.seconds, nothing.distinct_1, nothing.commonest) == (0, {}, {}, 0.0, ())


def test_what_is_deleted_is_gone_with_all_that_belongs_to_it(kept: History) -> None:
    with pytest.raises(StoreError, match="no conversation 9"):
        delete_conversations(kept, [1, 9])
    assert len(kept.list_conversations()) == 2
    delete_conversations(kept, [1])
    assert [one.id for one in kept.list_conversations()] == [2]
    with kept.read() as connection:
        for table in (schema.turn, schema.reply):
            assert len(connection.execute(table.select()).all()) == 1
        assert connection.execute(schema.annotation.select()).all() == []
    assert search(kept, "hello") == []


def test_a_copy_is_whole_private_and_never_replaces_anything(tmp_path: Path) -> None:
    with History.open(str(tmp_path / "history.db")) as history:
        history.start_conversation("hello")
        file = tmp_path / "copy.db"
        assert back_up(history, file) == file.stat().st_size
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        with History.open(str(file)) as copy:
            assert copy.list_conversations() == history.list_conversations()
        (tmp_path / "nowhere").symlink_to(tmp_path / "not there")
        for name, error in (("copy.db", "is there already and is kept"), ("nowhere", "is there already")):
            with pytest.raises(StoreError, match=error):
                back_up(history, tmp_path / name)
        with pytest.raises(StoreError, match="is a folder; name a file in it"):
            back_up(history, tmp_path)
        with pytest.raises(StoreError, match="cannot be written"):
            back_up(history, tmp_path / "no" / "copy.db")
        with closing(sqlite3.connect(tmp_path / "history.db", isolation_level=None)) as other:
            other.execute("BEGIN")  # someone reads meanwhile
            other.execute("SELECT count(*) FROM turn").fetchall()
            back_up(history, tmp_path / "another.db")
    with History.open("sqlite://") as memory, pytest.raises(StoreError, match="is no file; back it up with"):
        back_up(memory, tmp_path / "memory.db")
