"""What is forgotten is gone: from rows, indexes, freed pages and journals; and whoever looks is told the truth."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update
from toy_dialogue import toy_model

from chatbot.dialogue.dialogue import Dialogue
from chatbot.errors import StoreError
from chatbot.store import schema, sqlite
from chatbot.store.annotations import annotate, note
from chatbot.store.backups import back_up
from chatbot.store.forgetting import NAMELESS, holds, plan_conversations, plan_words
from chatbot.store.health import health
from chatbot.store.history import History
from chatbot.store.purging import forget
from chatbot.store.recorded import RecordedDialogue
from chatbot.store.residue import counted, needles
from chatbot.store.searching import search

SECRET = "Hunter2 天气 Straße"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.db"


def filled(history: History) -> None:
    """Four conversations; the secret is in a turn, in the only turn of another, in a note and in a typed line."""
    for number in range(3):
        dialogue = RecordedDialogue(Dialogue(toy_model()), history)
        for text in ("good evening", f"it is {SECRET}, you know" if number == 1 else "fine", "and then"):
            history.add_input_line(text)
            dialogue.reply(text)
    history.start_conversation(f"the {SECRET.upper()} is in this title")
    note(history, 3, None, f"about\n{SECRET.replace(' ', '  ')}")
    annotate(history, 3, "tags", None, data={"spans": [{"text": SECRET}]})


def in_file(path: Path) -> int:
    return counted(path, needles([SECRET])) or 0


def in_indexes(path: Path) -> list[str]:
    """Terms of the full-text indexes that the secret is made of."""
    found = []
    with closing(sqlite3.connect(path)) as connection:
        for index in schema.INDEXES_OF_WORDS:
            connection.execute(f"CREATE VIRTUAL TABLE temp.v_{index} USING fts5vocab(main, {index}, row)")
            found += [term for (term,) in connection.execute(f"SELECT term FROM v_{index}")]
    return [term for term in found if "hunter" in term or "天" in term]


def test_a_text_is_gone_from_rows_indexes_and_files(path: Path) -> None:
    with History.open(str(path)) as history:
        filled(history)
        assert in_file(path) > 4
        assert len(in_indexes(path)) > 2
        plan = plan_words(history, [SECRET.lower()])
        assert (plan.touched, len(plan.annotations), plan.titles, len(plan.lines)) == ([2, 4], 2, {4}, 1)
        proof = forget(history, plan)
        assert proof.clean
        assert proof.removed == {"conversation": 1, "turn": 3, "reply": 2, "annotation": 2, "input_line": 1, "title": 1}
        assert (proof.free_pages, proof.backups, proof.elsewhere) == (0, (), ())
        assert {Path(one.file).name for one in proof.files} >= {"history.db"}
        assert [step.turn.text for step in history.show(2).path] == ["good evening"]
        assert history.show(2).path[-1].reply
        assert search(history, "evening") != []
        assert search(history, "天气") == []
        dialogue = RecordedDialogue.resume(Dialogue(toy_model()), history, 2)
        dialogue.reply("it goes on")
    assert in_file(path) == 0
    assert in_indexes(path) == []
    assert list(health(str(path)))[-1] == "ok"


@pytest.mark.parametrize("mode", ["WAL", "TRUNCATE"])
def test_no_journal_keeps_it(path: Path, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "journal_mode", lambda version: mode)
    with History.open(str(path)) as history:
        filled(history)
    with History.open(str(path)) as history:
        assert forget(history, plan_words(history, [SECRET])).clean
        for file in path.parent.iterdir():
            assert counted(file, needles([SECRET])) == 0, file
        with history.read() as connection:
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == mode.lower()


def test_a_conversation_is_gone_with_the_lines_typed_in_it(path: Path) -> None:
    with History.open(str(path)) as history:
        filled(history)
        replied = [step.reply.text for step in history.show(2).path if step.reply]
        proof = forget(history, plan_conversations(history, [2, 4]))
        assert proof.clean
        assert proof.removed["conversation"] == 2
        assert proof.removed["input_line"] == 7  # the same lines, wherever they were typed
        assert {"good evening", "and then"} <= set(proof.elsewhere)  # said in the others, too
        assert [one.id for one in history.list_conversations()] == [3, 1]
        assert counted(path, needles([f"it is {SECRET}, you know"])) == 0
        assert [text for text in replied if text not in proof.elsewhere and counted(path, needles([text]))] == []
        with pytest.raises(StoreError, match="no conversation 2"):
            plan_conversations(history, [2])


def test_a_title_that_was_cut_from_what_is_forgotten_is_no_longer_the_title(history: History) -> None:
    number, _ = history.start_conversation("x" * 70 + " " + SECRET + "!")
    history.add_turn(number, "something else")
    kept, _ = history.start_conversation("kept")
    history.rename(kept, f"on {SECRET}")
    history.rename(history.start_conversation(SECRET)[0], "renamed")
    plan = plan_words(history, [SECRET])
    assert plan.titles == {kept}  # the first title holds only a part of it
    forget(history, plan)
    titles = {one.id: one.title for one in history.list_conversations()}
    assert titles == {number: "something else", kept: "kept"}


def test_a_title_that_nothing_is_left_for(history: History) -> None:
    number, _ = history.start_conversation("hello there")
    history.rename(number, SECRET)
    with history.write() as connection:
        connection.execute(update(schema.turn).values(text="hunter2"))
    forget(history, plan_words(history, ["天气"]))
    assert history.show(number).conversation.title == "hunter2"
    history.rename(number, "on hunter2")
    forget(history, plan_words(history, ["on hunter2"]))
    assert history.show(number).conversation.title == "hunter2" != NAMELESS


def test_a_long_conversation_can_be_cut_short(path: Path) -> None:
    with History.open(str(path)) as history:
        number, turn = history.start_conversation("hello")
        model = toy_model()
        reply = model.answer(["hello"], [False], model.settings)
        with history.write() as connection:  # one transaction, so that it does not take long
            for place in range(1300):
                values = {"turn_id": turn, "text": "x", "complete": True, "created_at": place}
                inserted = connection.execute(schema.reply.insert().values(values)).inserted_primary_key
                assert inserted
                values = {
                    "conversation_id": number,
                    "parent_reply_id": inserted[0],
                    "text": f"said {place}",
                    "created_at": 1,
                }
                key = connection.execute(schema.turn.insert().values(values)).inserted_primary_key
                assert key
                turn = key[0]
        history.add_reply(turn, reply, model)
        assert forget(history, plan_words(history, ["said 3"])).removed["turn"] == 1297
        assert len(history.show(number).path) == 4
        assert forget(history, plan_conversations(history, [number])).clean
        assert history.list_conversations() == []


def test_backups_that_hold_it_are_named_and_removed_if_asked(path: Path) -> None:
    with History.open(str(path)) as history:
        filled(history)
        back_up(history, path.with_name("copy.db"))
        history.start_conversation("something else")
        proof = forget(history, plan_words(history, [SECRET]))
        assert [(Path(one.file).name, bool(one.found), one.removed) for one in proof.backups] == [
            ("copy.db", True, False)
        ]
        assert proof.clean
        back_up(history, path.with_name("clean.db"))
        (gone,) = forget(history, plan_words(history, [SECRET]), backups=True).backups
        assert (Path(gone.file).name, gone.removed) == ("copy.db", True)
    assert sorted(file.name for file in path.parent.glob("*.db")) == ["clean.db", "history.db"]


def test_while_another_uses_it_nothing_is_done(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT", 50)
    with History.open(str(path)) as history:
        filled(history)
        plan = plan_words(history, [SECRET])
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            for begin in ("BEGIN IMMEDIATE", "BEGIN"):
                other.execute(begin)
                other.execute("SELECT count(*) FROM turn").fetchall()
                with pytest.raises(StoreError, match="is in use by another process; close that one, and forget again"):
                    forget(history, plan)
                other.execute("ROLLBACK")
        assert search(history, "天气") != []
        assert forget(history, plan).clean


def test_what_holds_a_text() -> None:
    assert holds('{"a": ["\\u5929\\u6c14"]}', ["天气"])
    assert holds("Say\n\tHELLO", ["say hello"])
    assert not holds('{"a": "b"}', ["c"])
    assert holds("\\not json", ["\\not"])


@given(st.text(min_size=1, max_size=30), st.binary(max_size=50), st.binary(max_size=50))
def test_bytes_of_a_text_are_found_wherever_they_stand(text: str, before: bytes, after: bytes) -> None:
    import tempfile

    wanted = needles([text])
    with tempfile.NamedTemporaryFile() as file:
        file.write(before + text.encode("utf-8", "replace") + after)
        file.flush()
        assert counted(Path(file.name), wanted) or len(text.encode("utf-8", "replace")) < 4


def test_bytes_over_the_border_of_two_parts_are_found_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatbot.store.residue._CHUNK", 7)
    file = tmp_path / "file"
    for start in range(16):
        file.write_bytes(b"." * start + b"sEcret" + b"." * 9 + b"secret")
        assert counted(file, needles(["Secret"])) == 2
    assert counted(tmp_path / "missing", needles(["secret"])) is None
