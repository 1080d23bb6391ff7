"""Conversations to files and back: nothing is lost, nothing doubled, nothing believed."""

from __future__ import annotations

import gzip
import json
import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from toy_dialogue import toy_model

from chatbot.corpus.counts import Counts
from chatbot.corpus.jsonl import read_jsonl
from chatbot.decoding.rerank import Part
from chatbot.dialogue.dialogue import Dialogue
from chatbot.dialogue.reply import Alternative
from chatbot.errors import StoreError
from chatbot.store.annotations import TRANSLATION, annotate, bookmark, correct, note, rate
from chatbot.store.exporting import FORMATS as KINDS
from chatbot.store.exporting import export_lines, write_export
from chatbot.store.history import History
from chatbot.store.importing import import_file
from chatbot.store.recorded import RecordedDialogue


@pytest.fixture
def history(database: str) -> Iterator[History]:
    """Two conversations: one with branches and annotations, one that was not answered."""
    with History.open(database) as history:
        dialogue = RecordedDialogue(Dialogue(toy_model(temperature=1.0)), history)
        dialogue.reply("hello \x1b[2J \u202e there")
        dialogue.retry()
        assert dialogue.last
        rate(history, dialogue.last[1], 4)
        dialogue.reply("undone")
        dialogue.undo()
        dialogue.reply("why\n# not a heading")
        assert dialogue.last
        correct(history, dialogue.last[1], "Because of *you*.")
        note(history, 1, None, "on all of it")
        bookmark(history, 1)
        annotate(history, 1, TRANSLATION, "hallo", turn_id=1, fingerprint="e" * 64, settings={"beam_size": 2}, data=[1])
        ranked = replace(dialogue.turns[-1].reply, parts={"model": Part(-1.0, 1.0)}, reverse_fingerprint="f" * 64)
        history.add_reply(
            dialogue.last[0],
            replace(ranked, alternatives=(Alternative("x", -1.0, -2.0, ranked.parts),)),
            dialogue.model,
        )
        history.set_leaf(1, *dialogue.last)
        history.start_conversation("nobody answers")
        yield history


@pytest.fixture
def other(tmp_path: Path) -> Iterator[History]:
    with History.open(str(tmp_path / "other.db")) as other:
        other.start_conversation("one that was here before")
        yield other


def exported(history: History, kind: str = "jsonl") -> list[str]:
    return list(export_lines(history, history.numbers(), kind))


def test_json_lines_round_trip_and_twice_adds_nothing(history: History, other: History, tmp_path: Path) -> None:
    file = tmp_path / "all.jsonl"
    write_export(history, history.numbers(), "jsonl", file, overwrite=False)
    outcome = import_file(other, file)
    assert (outcome.added, outcome.known, outcome.errors) == ([2, 3], 0, [])
    assert exported(other)[1:] == file.read_text(encoding="utf-8").splitlines() == exported(history)
    again = import_file(other, file)
    assert (again.added, again.known) == ([], 2)
    assert again.summary == "0 conversations added, 2 here already"
    assert len(other.list_conversations()) == 3


def test_what_was_imported_is_what_was_kept(history: History, other: History, tmp_path: Path) -> None:
    file = tmp_path / "all.jsonl.gz"
    file.write_bytes(gzip.compress("\n".join(exported(history)).encode()))
    import_file(other, file)
    old, new = history.show(1), other.show(2)
    assert [step.turn.text for step in new.path] == [step.turn.text for step in old.path]
    for before, after in zip(old.path, new.path, strict=True):
        assert before.reply
        assert after.reply
        assert after.reply.receipt() == before.reply.receipt()
        assert after.reply.created_at == before.reply.created_at
    assert [(one.kind, one.text) for one in new.annotations] == [(one.kind, one.text) for one in old.annotations]
    assert new.conversation.updated_at == old.conversation.updated_at
    assert len(new.turns) == 3
    dialogue = RecordedDialogue.resume(Dialogue(toy_model()), other, 2)
    dialogue.reply("and it goes on")


def test_a_line_of_an_older_version_is_read(history: History, other: History, tmp_path: Path) -> None:
    record = json.loads(exported(history)[0])
    for reply in [reply for turn in record["turns"] for reply in turn["replies"]]:
        del reply["parts"], reply["reverse_fingerprint"]
    for one in record["annotations"]:
        del one["fingerprint"], one["settings"]
    file = tmp_path / "older.jsonl"
    file.write_text(json.dumps(record))
    assert import_file(other, file).added == [2]
    assert len(other.show(2).path) == 2


def test_no_export_can_drive_a_terminal(history: History) -> None:
    for kind in KINDS:
        assert not {"\x1b", "\u202e"} & set("".join(exported(history, kind)))
    assert json.loads(exported(history)[0])["turns"][0]["text"] == "hello \x1b[2J \u202e there"


def test_text_and_markdown_are_for_people(history: History) -> None:
    text = exported(history, "text")
    assert text[1:4] == ["  (note: on all of it)", "  (bookmarked)", "you: hello \\x1b[2J \\u202e there"]
    assert "  (rated 4)" in text
    assert "  (better: Because of *you*.)" in text
    assert text[-2:] == ["you: nobody answers", "bot: (no reply)"]
    markdown = exported(history, "markdown")
    assert markdown[0].startswith("# hello")
    assert "**You:** why  \n\\# not a heading" in markdown
    assert "> better: Because of \\*you\\*." in markdown


def test_a_corpus_is_corrected_and_leaves_out_what_is_bad(history: History, tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    write_export(history, [1], "corpus", path, overwrite=False)
    (lesson,) = read_jsonl(path, Counts())
    first = history.show(1).path[0].reply
    assert first
    assert [one.text for one in lesson.utterances][1::2] == [first.text, "Because of *you*."]
    assert [one.speaker for one in lesson.utterances] == ["you", "bot", "you", "bot"]
    rate(history, first.id, 2)
    lessons = [json.loads(line) for line in export_lines(history, [1], "corpus")]
    assert [len(one["utterances"]) for one in lessons] == [2]
    assert lessons[0]["source"] == history.show(1).conversation.uid
    assert exported(history, "corpus") == list(export_lines(history, [1], "corpus"))


def test_a_file_is_private_whole_and_never_replaced_by_accident(history: History, tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    write_export(history, [1], "jsonl", file, overwrite=False)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    content = file.read_bytes()
    with pytest.raises(StoreError, match="is there already and is kept"):
        write_export(history, [2], "jsonl", file, overwrite=False)
    with pytest.raises(StoreError, match="no conversation 9"):
        write_export(history, [2, 9], "jsonl", file, overwrite=True)
    assert file.read_bytes() == content
    with pytest.raises(StoreError, match="cannot be written: No such file or directory"):
        write_export(history, [1], "jsonl", tmp_path / "no" / "a", overwrite=False)


def _set(*path: Any, to: Any) -> Callable[[dict[str, Any]], None]:
    """Changes a field, found by its path."""

    def change(record: dict[str, Any]) -> None:
        found: Any = record
        for name in path[:-1]:
            found = found[name]
        found[path[-1]] = to

    return change


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (_set("format", to="chatbot conversation 2"), "expected format 'chatbot conversation 1', but found"),
        (_set("uid", to="x"), 'uid must be 32 hexadecimal digits, but is "x"'),
        (_set("created_at", to="2026-01-01"), "created_at must be a time"),
        (_set("title", to=None), "title must be a text, but is null"),
        (_set("more", to=1), "unknown field 'more'"),
        (_set("leaf", "turn", to=99), "leaf refers to a turn or reply that is not there"),
        (_set("leaf", "turn", to=0), "leaf: turn must be a number or null"),
        (_set("turns", 0, "parent_reply", to=1), "turn 1 follows reply 1, which does not stand before it"),
        (_set("turns", 0, "replies", 0, "seed", to=2**63), "seed must be an integer or null"),
        (_set("turns", 0, "replies", 0, "complete", to=1), "complete must be true or false"),
        (_set("turns", 0, "replies", 0, "fingerprint", to="abc"), "the model 'abc' of a reply is not among the models"),
        (_set("turns", 0, "replies", 0, "alternatives", to=[{}]), "alternatives must be a list of alternatives"),
        (_set("turns", 0, "replies", 0, "token_log_probs", to=["x"]), "token_log_probs must be a list of numbers"),
        (_set("annotations", 0, "reply", to=99), "an annotation refers to a turn or reply that is not there"),
        (_set("turns", 0, "replies", 0, "parts", to={"model": [1]}), "parts must be an object of pairs of numbers"),
        (_set("annotations", 0, "settings", to=[]), "settings must be null, or an object that nests"),
        (_set("models", to={}), "models must be a list of objects"),
    ],
)
def test_a_stranger_is_not_believed(
    history: History, other: History, tmp_path: Path, change: Callable[[dict[str, Any]], None], error: str
) -> None:
    good, bad = exported(history)[1], json.loads(exported(history)[0])
    change(bad)
    file = tmp_path / "odd.jsonl"
    file.write_text(f"{json.dumps(bad)}\n\n{good}\n")
    with pytest.raises(StoreError) as caught:
        import_file(other, file, strict=True)
    assert len(other.list_conversations()) == 1
    outcome = import_file(other, file)
    assert outcome.added == [2]
    assert outcome.errors == [str(caught.value)]
    assert outcome.errors[0].startswith(f"{file}:1: ")
    assert error in outcome.errors[0]
    assert "\n" not in outcome.errors[0]


@pytest.mark.parametrize("line", [b"{", b"[1]", b"\xff", b'{"format": NaN}', b"[" * 100_000, b"3", b"1" * 10_000])
def test_what_is_no_export_is_refused(other: History, tmp_path: Path, line: bytes) -> None:
    file = tmp_path / "odd.jsonl"
    file.write_bytes(line)
    (error,) = import_file(other, file).errors
    assert error.startswith((f"{file}:1: ", f"{file}: item 1: "))
    assert "\n" not in error


def test_a_file_that_cannot_be_read(other: History, tmp_path: Path) -> None:
    (tmp_path / "cut.gz").write_bytes(gzip.compress(b"{}" * 1000)[:30])
    for name in ("missing", ".", "cut.gz"):
        with pytest.raises(StoreError, match="cannot be read"):
            import_file(other, tmp_path / name)
