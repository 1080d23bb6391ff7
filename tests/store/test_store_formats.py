"""Every format out and in again: what it says it keeps is kept, whatever was said."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from toy_dialogue import toy_model

from chatbot.cli import history_export, history_import
from chatbot.dialogue.dialogue import Dialogue
from chatbot.errors import StoreError
from chatbot.store.adding import add_record
from chatbot.store.annotations import TRANSLATION, annotate, bookmark, correct, note, rate
from chatbot.store.checking import checked
from chatbot.store.exporting import EVERYTHING, FORMATS, NOTHING, export_lines, format_of
from chatbot.store.formats.files import IMPORTED, kind_of, records_of
from chatbot.store.formats.records import ABOUT, FORMAT, RECEIPT, conversation_record, dumped
from chatbot.store.history import History
from chatbot.store.recorded import RecordedDialogue

ODD = ["\x1b[2J", "\u202e", "=1+1", "-->", "--", "</article>", '"', "'=x", "<script>", "\u2028", "\ufeff", "\x85", "\r"]
said = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
texts = st.lists(said | st.sampled_from(ODD), max_size=4).map("".join)
numbers = st.integers(-(2**63), 2**63 - 1)
floats = st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(st.none() | st.booleans() | numbers | floats | texts, lambda one: st.lists(one, max_size=3))
maps = st.dictionaries(texts, values, max_size=3)
times = st.datetimes(datetime(1000, 1, 2), datetime(9998, 1, 1)).map(lambda one: one.replace(tzinfo=UTC).isoformat())


@st.composite
def replies(draw: st.DrawFn, models: list[str]) -> dict[str, Any]:
    alternative = st.fixed_dictionaries({"text": texts, "score": st.none() | floats, "log_prob": st.none() | floats})
    made = {
        **dict.fromkeys(RECEIPT),
        "text": draw(texts),
        "complete": draw(st.booleans()),
        "tokens": draw(st.none() | st.lists(texts, max_size=3)),
        "token_ids": draw(st.none() | st.lists(numbers, max_size=3)),
        "token_log_probs": draw(st.none() | st.lists(st.none() | floats, max_size=3)),
        "alternatives": draw(st.none() | st.lists(alternative, max_size=2)),
        "settings": draw(st.none() | maps),
        "seed": draw(st.none() | numbers),
        "seconds": draw(st.none() | floats),
        "parts": draw(st.none() | st.dictionaries(texts, st.tuples(floats, floats).map(list), max_size=2)),
        "fingerprint": draw(st.sampled_from([None, *models])),
        "created_at": draw(times),
    }
    return made


@st.composite
def conversations(draw: st.DrawFn) -> dict[str, Any]:
    """A record as any history might export it."""
    models = draw(st.lists(st.text("0123456789abcdef", min_size=1, max_size=8), max_size=2, unique=True))
    turns: list[dict[str, Any]] = []
    count = 0
    for _ in range(draw(st.integers(0, 3))):
        follows = draw(st.none() | st.integers(1, count)) if count else None
        given_to = draw(st.lists(replies(models), max_size=2))
        turns.append({"parent_reply": follows, "text": draw(texts), "created_at": draw(times), "replies": given_to})
        count += len(given_to)
    places = {
        "turn": st.none() | st.integers(1, len(turns)) if turns else st.none(),
        "reply": st.none() | st.integers(1, count) if count else st.none(),
    }
    about = {"kind": texts, "text": st.none() | texts, "data": values, "fingerprint": st.none() | texts}
    about |= {"settings": st.none() | maps, "created_at": times}
    used = sorted(
        {*(one["fingerprint"] for turn in turns for one in turn["replies"]), draw(st.sampled_from([None, *models]))}
        - {None}
    )
    return {
        "format": FORMAT,
        "uid": draw(st.text("0123456789abcdef", min_size=32, max_size=32)),
        "title": draw(texts),
        "created_at": draw(times),
        "updated_at": draw(times),
        "fingerprint": draw(st.sampled_from([None, *used])),
        "leaf": draw(st.sampled_from(leaves(turns))),
        "models": [
            {
                "fingerprint": one,
                "name": draw(texts),
                "task": "dialogue",
                "config": draw(maps),
                "first_seen": draw(times),
            }
            for one in used
        ],
        "turns": turns,
        "annotations": draw(st.lists(st.fixed_dictionaries(places | about), max_size=2)),
    }


def leaves(turns: list[dict[str, Any]]) -> list[dict[str, int | None]]:
    """Where a branch may end: nowhere, at a turn, or at one of the replies to it."""
    found: list[dict[str, int | None]] = [{"turn": None, "reply": None}]
    replied = 0
    for place, turn in enumerate(turns, start=1):
        found.append({"turn": place, "reply": None})
        for _ in turn["replies"]:
            replied += 1
            found.append({"turn": place, "reply": replied})
    return found


@pytest.fixture(scope="module")
def empty() -> Iterator[History]:
    """A history in memory, for one example after another."""
    with History.open("sqlite://") as history:
        yield history


def emptied(history: History) -> None:
    with history.write() as connection:
        for table in ("conversation", "model"):
            connection.exec_driver_sql(f"DELETE FROM {table}")


def exported(history: History, kind: str, bare: bool = False) -> bytes:
    return "".join(f"{line}\n" for line in export_lines(history, history.numbers(), kind, bare)).encode()


def read(content: bytes, name: str = "file") -> list[dict[str, Any]]:
    found = list(records_of(io.BytesIO(content), name))
    assert not [one for one in found if isinstance(one, StoreError)], found
    return found  # type: ignore[return-value]


LOSSLESS = [name for name, one in FORMATS.items() if one.keeps == EVERYTHING]


@settings(
    max_examples=25,
    phases=[Phase.generate],  # to find the simplest failure takes minutes
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.lists(conversations(), min_size=1, max_size=2, unique_by=lambda one: one["uid"]))
def test_what_keeps_everything_gives_back_everything(empty: History, given_ones: list[dict[str, Any]]) -> None:
    emptied(empty)
    with empty.write() as connection:
        for one in given_ones:
            assert add_record(connection, checked(one, "given")) is not None
    kept = [conversation_record(empty, number) for number in empty.numbers()]
    assert [one["turns"] for one in kept] == [one["turns"] for one in given_ones]
    assert [one["annotations"] for one in kept] == [one["annotations"] for one in given_ones]
    for kind in LOSSLESS:
        content = exported(empty, kind)
        assert not {"\x1b", "\u202e", "\u2028"} & set(content.decode())
        assert read(content) == kept, kind
        validate(kept)
    emptied(empty)
    with empty.write() as connection:
        numbers = [add_record(connection, one) for one in kept]
    assert [dumped(conversation_record(empty, one)) for one in numbers if one] == list(map(dumped, kept))


def validate(records: list[dict[str, Any]]) -> None:
    schema = json.loads((files("chatbot.store.formats") / "conversation.schema.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    for record in records:
        assert list(validator.iter_errors(record)) == []


def test_the_schema_is_of_this_format_and_names_every_field(history: History) -> None:
    schema = json.loads((files("chatbot.store.formats") / "conversation.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["properties"]["format"] == {"const": FORMAT}
    assert set(schema["$defs"]["reply"]["properties"]) == {*RECEIPT, "created_at"}
    assert set(schema["$defs"]["annotation"]["properties"]) == {*ABOUT, "turn", "reply", "created_at"}
    history.start_conversation("hello")
    record = conversation_record(history, 1)
    for broken in ({"title": None}, {"more": 1}, {"uid": "x"}, {"turns": [{}]}):
        assert not jsonschema.Draft202012Validator(schema).is_valid(record | broken)


@pytest.fixture
def talked(history: History) -> History:
    """A conversation with branches and every kind of annotation, and one that was not answered."""
    dialogue = RecordedDialogue(Dialogue(toy_model(temperature=1.0)), history)
    note(history, dialogue.history.start_conversation("=nobody answers\n\n(note: x)")[0], None, "@all")
    dialogue.reply("hello <b>there</b>\n  # *you*\n\n- -- 1. bot: x")
    dialogue.retry()
    assert dialogue.last
    rate(history, dialogue.last[1], 4)
    annotate(history, 2, TRANSLATION, "hallo", reply_id=dialogue.last[1])
    dialogue.reply("undone")
    dialogue.undo()
    dialogue.reply("why")
    assert dialogue.last
    correct(history, dialogue.last[1], "+Because.")
    bookmark(history, 2)
    return history


def words(record: dict[str, Any]) -> list[tuple[str, str | None]]:
    """What stands, from a record of one branch."""
    return [(turn["text"], next((one["text"] for one in turn["replies"]), None)) for turn in record["turns"]]


@pytest.mark.parametrize("kind", ["text", "markdown", "html", "openai"])
def test_the_words_that_stand_come_back_from_what_is_bare(talked: History, kind: str) -> None:
    found = read(exported(talked, kind, bare=True))
    for record, number in zip(found, talked.numbers(), strict=True):
        path = talked.show(number).path
        assert words(record) == [(one.turn.text, one.reply.text if one.reply else None) for one in path]
    if kind != "openai":
        kinds = [[(one["kind"], one["text"]) for one in record["annotations"]] for record in found]
        assert ("note", "@all") in kinds[0]
        assert {("rating", "4"), ("correction", "+Because."), ("bookmark", None)} <= set(kinds[1])
        assert found[1]["created_at"][:16] == talked.show(2).conversation.created_at.astimezone().isoformat()[:16]
    assert read(exported(talked, kind, bare=True))[0]["uid"] == found[0]["uid"]
    assert "undone" not in exported(talked, kind, bare=True).decode()


plain_words = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=20)
turns_said = st.lists(st.tuples(plain_words, plain_words), min_size=1, max_size=3)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example([("a\n\nb  ", "c\n     d"), ("you: x", "**Bot:** y"), ("conversation 1, x, 2026-01-01 00:00", "(rated 4)")])
@example([("\\*a\\", "<!-- chatbot: {} -->"), ("# title", "> quoted"), ("it's\n'", "''=1")])
@given(turns_said)
def test_words_of_any_kind_come_back(empty: History, said_ones: list[tuple[str, str]]) -> None:
    chat = {
        "messages": [
            {"role": ("user", "assistant")[place % 2], "content": text} for place, text in enumerate(sum(said_ones, ()))
        ]
    }
    (record,) = read(json.dumps(chat).encode())
    assert words(record) == said_ones
    emptied(empty)
    with empty.write() as connection:
        add_record(connection, record)
    for kind in ("text", "markdown", "html", "openai", "csv"):
        (again,) = read(exported(empty, kind, bare=True))
        assert words(again) == said_ones, kind


def test_csv_is_safe_and_keeps_all_but_receipts(talked: History) -> None:
    content = exported(talked, "csv")
    rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
    assert not [cell for row in rows for cell in row if re.match(r"[=+\-@\t\r]", cell)]
    assert {"'=nobody answers\n\n(note: x)", "'@all", "'+Because."} <= {cell for row in rows for cell in row}
    for record, number in zip(read(content), talked.numbers(), strict=True):
        kept = conversation_record(talked, number)
        for turn in kept["turns"]:
            turn["replies"] = [
                one | dict.fromkeys(RECEIPT) | {n: one[n] for n in ("text", "complete", "seconds")}
                for one in turn["replies"]
            ]
        for one in kept["annotations"]:
            one |= dict.fromkeys(("data", "settings", "fingerprint"))
        assert record == kept | {"models": [], "fingerprint": None}


@given(st.text(max_size=5))
@example("'=1")
@example("''+")
def test_an_apostrophe_before_a_formula_comes_and_goes(cell: str) -> None:
    from chatbot.store.formats.spreadsheet import _original, _safe
    from chatbot.terminal import visible

    assert _original(_safe(cell)) == visible(cell, keep_newlines=True)
    assert not re.match(r"[=+\-@\t\r]", _safe(cell))


class Page(HTMLParser):
    """Names of the elements of a page, and their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def test_a_page_needs_nothing_and_runs_nothing(history: History) -> None:
    history.start_conversation("<script>alert(1)</script><img src=x onerror=alert(1)>")
    history.rename(1, '"><script src="//evil"></script>')
    history.start_conversation("javascript:alert(1)")
    content = exported(history, "html").decode()
    page = Page()
    page.feed(content)
    assert page.names == {
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "nav",
        "ol",
        "li",
        "a",
        "article",
        "h1",
        "p",
    }
    assert {name for name, _ in page.attributes} <= {
        "charset",
        "name",
        "content",
        "http-equiv",
        "lang",
        "href",
        "id",
        "class",
        "dir",
        "data-record",
    }
    assert [value for name, value in page.attributes if name == "href"] == ["#c1", "#c2"]
    assert "width=device-width" in content
    assert "default-src 'none'" in content
    assert "data-record" not in exported(history, "html", bare=True).decode()


def test_names_of_formats_are_those_of_the_command_line() -> None:
    assert tuple(FORMATS)[: len(history_export.KINDS)] == history_export.KINDS
    assert sorted(history_import.KINDS) == sorted(IMPORTED)
    assert {name for name, one in FORMATS.items() if one.keeps != NOTHING} == set(IMPORTED)
    assert {format_of(Path(f"x{FORMATS[name].suffix.upper()}")) for name in IMPORTED} == set(IMPORTED)


def test_a_format_is_told_by_its_content(talked: History) -> None:
    for kind in IMPORTED:
        content = exported(talked, kind, bare=True)
        assert kind_of(content, "x") in (kind, "jsonl")
        assert len(read(b"\xef\xbb\xbf" + content)) == 2
        assert len(read(content.replace(b"\n", b"\r\n") if kind != "csv" else content)) == 2
    assert kind_of(b"", "a.md") == "markdown"
    assert kind_of(b"\x00\xff", "a") == "jsonl"


@settings(max_examples=150)
@given(st.binary(max_size=60), st.sampled_from(IMPORTED))
@example(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x00\xff", "openai")
@example(b"[" * 5000, "openai")
@example(b'{"messages": [{"role": "user", "content": "\\ud800\\u0000"}]}', "openai")
@example(b'{"messages": [{"role": "user", "content": 1e999}]}', "openai")
@example(b'{"messages": {}}', "openai")
@example(b'{"mapping": {"a": {"parent": "a", "message": {}}}, "current_node": "a"}', "openai")
@example(b"uid,title,kind,number,parent,stands,text,time,model,seconds,complete\n1,2,reply\n", "csv")
@example(b'uid\n"', "csv")
def test_whatever_is_read_is_a_record_or_an_error(content: bytes, kind: str) -> None:
    cut = contextlib.suppress(StoreError) if content[:2] == b"\x1f\x8b" else contextlib.nullcontext()  # no gzip
    with cut:
        for one in records_of(io.BytesIO(content), "file", kind):
            assert isinstance(one, StoreError) or checked(one, "again")


def test_chats_of_other_programs() -> None:
    parts = {"role": "user", "content": [{"type": "text", "text": "what is this?"}, {"type": "image_url"}]}
    chat = {
        "title": "Cats",
        "messages": [{"role": "system", "content": "be kind"}, parts, {"role": "assistant", "content": None}],
    }
    chat["messages"] += [{"role": "assistant", "content": "a cat"}, {"role": "assistant", "content": "I think"}]  # type: ignore[operator]
    for content in (
        json.dumps(chat),
        json.dumps([chat], indent=2),
        json.dumps(chat["messages"]),
        json.dumps(chat, indent=1),
    ):
        (record,) = read(content.encode(), "chats.json")
        assert words(record) == [("what is this?", "a cat\nI think")]
        assert [(one["kind"], one["text"]) for one in record["annotations"]] == [("note", "system: be kind")]
    assert len(read(f"{json.dumps(chat)}\n{json.dumps(chat)}\n".encode())) == 2


def test_the_tree_of_another_program() -> None:
    def node(parent: str | None, role: str, text: str) -> dict[str, Any]:
        content = {"content_type": "text", "parts": [text]}
        return {"parent": parent, "message": {"author": {"role": role}, "content": content}}

    nodes = {
        "0": {"parent": None, "message": None},
        "1": node("0", "user", "hi"),
        "2": node("1", "assistant", "not this"),
    }
    nodes |= {"3": node("1", "assistant", "hello"), "4": node("3", "user", "bye")}
    chat = {"title": "Hi", "create_time": 1.5e9, "mapping": nodes, "current_node": "4"}
    (record,) = read(json.dumps([chat]).encode())
    assert words(record) == [("hi", "hello"), ("bye", None)]
    assert record["created_at"] == "2017-07-14T02:40:00+00:00"
    (error,) = records_of(io.BytesIO(json.dumps(chat | {"current_node": None}).encode()), "file")
    assert "needs a mapping and a current_node" in str(error)
