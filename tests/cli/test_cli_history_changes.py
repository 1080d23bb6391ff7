"""`chatbot history` where it filters, counts, changes, forgets and copies."""

from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path

import pytest
from toy_dialogue import toy_model

from chatbot.cli.history_stats import sparkline
from chatbot.cli.main import main
from chatbot.dialogue.dialogue import Dialogue
from chatbot.store.annotations import bookmark, rate
from chatbot.store.history import History
from chatbot.store.recorded import RecordedDialogue

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _talked() -> None:
    """Three conversations, the first bookmarked, the second rated good."""
    with History.open() as history:
        for text in ("good evening", "=1+1 <b>hello</b>", "今天天气很好 ok"):
            RecordedDialogue(Dialogue(toy_model()), history).reply(text)
        bookmark(history, 1)
        rate(history, 2, 5)


def run(capsys: Capture, *words: str, code: int = 0) -> tuple[str, str]:
    assert main(["history", *words]) == code, capsys.readouterr()
    captured = capsys.readouterr()
    return captured.out, captured.err


def listed(capsys: Capture, *options: str) -> list[int]:
    return [one["id"] for one in json.loads(run(capsys, "list", "--json", *options)[0])]


def test_the_list_is_filtered(capsys: Capture) -> None:
    assert listed(capsys, "--bookmarked") == [1]
    assert listed(capsys, "--rating", "good") == [2]
    assert listed(capsys, "--min-rating", "5") == [2]
    assert listed(capsys, "--text", "天气") == [3]
    assert listed(capsys, "--model", "toy", "--on", "today") == [3, 2, 1]
    assert listed(capsys, "--until", "yesterday") == []
    assert run(capsys, "list", "--until", "yesterday")[1] == "no conversation is like that\n"


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (["--since", "soon"], "a time must be like 'today', 'yesterday'"),
        (["--since", "today", "--until", "2 days ago"], "--since 'today' does not come before --until '2 days ago'"),
        (["--on", "today", "--since", "today"], "--on says both ends of the time"),
        (["--on", "2 hours ago"], "--on needs a day, week, month or year"),
        (["--model", "nobody"], "no model 'nobody' has replied; give a name, or how a fingerprint begins: toy"),
        (["--rating", "bad", "--min-rating", "3"], "no rating is bad and at least 3"),
        (["--rating", "great"], "'great' is not one of"),
    ],
)
def test_a_filter_that_cannot_be(options: list[str], error: str, capsys: Capture) -> None:
    assert error in run(capsys, "list", *options, code=2)[1]


def test_the_filters_are_the_same_everywhere(capsys: Capture) -> None:
    assert json.loads(run(capsys, "export", "--bookmarked")[0])["title"] == "good evening"
    assert json.loads(run(capsys, "stats", "--bookmarked", "--json")[0])["conversations"] == 1
    assert json.loads(run(capsys, "search", "good", "--rating", "good", "--json")[0]) == []
    (found,) = json.loads(run(capsys, "search", "evening", "--bookmarked", "--json")[0])
    assert [found["text"][start:end] for start, end in found["hits"]] == ["evening"]
    assert "by numbers or by options, not by both" in run(capsys, "export", "1", "--bookmarked", code=2)[1]


def test_counts_are_lines_for_people(capsys: Capture) -> None:
    out, _ = run(capsys, "stats")
    assert out.startswith("conversations  3, 1 bookmarked\nyou            3 turns, ")
    assert "models         toy (ffffffff): 3 replies" in out
    assert re.search(r"turns an hour  .{24} 0 to 23 o'clock, at most [123]$", out, re.MULTILINE)
    assert "rated          5: 1" in out
    assert run(capsys, "stats", "--until", "yesterday")[0].splitlines()[1] == "you            0 turns, 0 words"
    assert sparkline([0, 1, 4, 8]) == " ▁▄█"
    assert sparkline([]) == ""


def test_a_title_is_changed(capsys: Capture) -> None:
    assert run(capsys, "rename", "last", "  on the\nweather ")[0] == "conversation 3 is now: on the weather\n"
    assert json.loads(run(capsys, "rename", "1", "x", "--json")[0]) == {"id": 1, "title": "x"}
    assert "a title needs a word" in run(capsys, "rename", "1", " ", code=2)[1]
    assert "no conversation 9" in run(capsys, "rename", "9", "x", code=1)[1]


def test_deleting_asks_first(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    err = run(capsys, "delete", "1", "2", code=2)[1]
    assert "This deletes 2 conversations with 2 turns; only a backup made before (chatbot history backup FILE)" in err
    assert "add --yes" in err
    for answer, code, left in (("n\n", 2, [3, 2, 1]), ("", 130, [3, 2, 1]), ("y\n", 0, [3, 2])):
        terminal = io.StringIO(answer)
        monkeypatch.setattr(terminal, "isatty", lambda: True)
        monkeypatch.setattr(sys, "stdin", terminal)
        run(capsys, "delete", "1", code=code)
        assert listed(capsys) == left
    assert run(capsys, "delete", "last", "--yes")[0] == "deleted 1 conversation with 1 turn\n"
    assert json.loads(run(capsys, "delete", "2", "2", "-y", "--json")[0]) == {"deleted": [2], "turns": 1}
    assert "no conversation 2" in run(capsys, "delete", "2", "-y", code=1)[1]


def test_what_is_old_or_bad_is_deleted_by_the_same_options(capsys: Capture) -> None:
    nothing = "no conversation is like that; nothing was deleted"
    assert nothing in run(capsys, "delete", "--until", "last month", "--yes", code=1)[1]
    assert "say which conversations: by numbers, or by options" in run(capsys, "delete", "--yes", code=2)[1]
    assert "by numbers or by options, not by both" in run(capsys, "delete", "1", "--bookmarked", "-y", code=2)[1]
    assert "This deletes 1 conversation with 1 turn; " in run(capsys, "delete", "--rating", "good", code=2)[1]
    assert listed(capsys) == [3, 2, 1]
    assert run(capsys, "delete", "--rating", "good", "--yes")[0] == "deleted 1 conversation with 1 turn\n"
    assert listed(capsys) == [3, 1]
    assert json.loads(run(capsys, "delete", "--until", "today", "-y", "--json")[0]) == {"deleted": [1, 3], "turns": 2}


def test_what_is_forgotten_is_looked_for(tmp_path: Path, capsys: Capture) -> None:
    beside = tmp_path / "home" / "copy.db"
    copied = json.loads(run(capsys, "backup", str(beside), "--json")[0])
    assert (copied["conversations"], copied["bytes"]) == (3, beside.stat().st_size)
    assert "This forgets 1 turn, 1 title (in conversation 3), for good" in run(capsys, "forget", "天气", code=2)[1]
    out, _ = run(capsys, "forget", "天气", "--yes")
    assert out.startswith("removed: 1 conversation, 1 turn, 1 reply, 1 title\npurged: ")
    assert "history.db (" in out
    assert "): not there\n" in out
    assert re.search(r"copy\.db \([\d,]+ bytes\): there, \d+ times\n", out)
    assert "the same with --backups removes them" in out
    assert b"\xe5\xa4\xa9\xe6\xb0\x94" not in (tmp_path / "home" / "history.db").read_bytes()
    proof = json.loads(run(capsys, "forget", "天气", "--yes", "--backups", "--json")[0])
    assert (proof["clean"], proof["backups"][0]["removed"], beside.exists()) == (True, True, False)
    assert "removed: 1 conversation, 1 turn" in run(capsys, "forget", "1", "--yes")[0]
    assert "removed: nothing, no row holds it" in run(capsys, "forget", "--text", "2468", "--yes")[0]
    assert "too short to tell from chance" in run(capsys, "forget", "qq", "--yes")[0]
    assert listed(capsys) == [2]
    for words, error in ((["2", "hello"], "not both at once"), ([" "], "nothing to forget in an empty text")):
        assert error in run(capsys, "forget", *words, "-y", code=2)[1]
    hint = "no conversation 5550199; to forget 5550199 as a text, add --text"
    assert hint in run(capsys, "forget", "5550199", "-y", code=2)[1]


def test_a_copy_goes_to_a_new_file(tmp_path: Path, capsys: Capture) -> None:
    file = tmp_path / "copy.db"
    assert re.match(r"copied 3 conversations, [\d,]+ bytes, to ", run(capsys, "backup", str(file))[0])
    assert "is there already and is kept" in run(capsys, "backup", str(file), code=1)[1]
    assert listed(capsys, "--database", str(file)) == [3, 2, 1]


@pytest.mark.parametrize("kind", ["jsonl", "markdown", "html", "openai", "csv", "text"])
def test_every_format_goes_out_and_in_by_name_and_content(kind: str, tmp_path: Path, capsys: Capture) -> None:
    suffixes = {"markdown": ".md", "openai": ".json", "text": ".txt"}
    file = tmp_path / f"all{suffixes.get(kind, f'.{kind}')}"
    written = json.loads(run(capsys, "export", "-o", str(file), "--json")[0])
    assert (written["format"], written["conversations"]) == (kind, [1, 2, 3])
    other = ["--database", str(tmp_path / "other.db")]
    assert json.loads(run(capsys, "import", str(file), "--json", *other)[0])["added"] == [1, 2, 3]
    assert run(capsys, "import", str(file), *other)[0] == "0 conversations added, 3 here already\n"
    assert json.loads(run(capsys, "search", "天气", "--json", *other)[0])[0]["kind"] == "turn"


def test_export_says_what_it_needs(tmp_path: Path, capsys: Capture) -> None:
    assert "name one with --output FILE" in run(capsys, "export", "--json", code=2)[1]
    assert json.loads(run(capsys, "export", "--schema")[0])["title"] == "chatbot conversation 1"
    assert "chatbot: " not in run(capsys, "export", "1", "--as", "openai", "--bare")[0]


def test_what_to_learn_from_is_no_history(tmp_path: Path, capsys: Capture) -> None:
    run(capsys, "export", "1", "--as", "corpus", "-o", str(tmp_path / "learn.jsonl"))
    assert (
        "is text to learn from, for chatbot prepare" in run(capsys, "import", str(tmp_path / "learn.jsonl"), code=1)[1]
    )
    (tmp_path / "null.jsonl").write_text("null\n")
    assert (
        "expected a JSON object, in braces, but found null"
        in run(capsys, "import", str(tmp_path / "null.jsonl"), code=1)[1]
    )


def test_import_from_a_pipe(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    chat = b'{"messages": [{"role": "user", "content": "from a pipe"}, {"role": "assistant", "content": "hi"}]}'

    class Pipe:
        buffer = io.BytesIO(chat + b"\nnonsense\n")

    monkeypatch.setattr(sys, "stdin", Pipe())
    out, err = run(capsys, "import", "-", code=1)
    assert out == "1 conversation added, 1 bad line left out\n"
    assert "stdin:2: not JSON" in err
    assert "you: from a pipe\nbot: hi\n" in run(capsys, "show", "4")[0]


def test_a_line_that_is_far_too_long_is_passed_over(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatbot.store.formats.files.LONGEST_LINE", 5000)
    line = run(capsys, "export", "1")[0]
    file = tmp_path / "odd.jsonl"
    file.write_text(line + '{"a": "' + "x" * 20_000 + '"}\n' + run(capsys, "export", "2")[0])
    other = ["--database", str(tmp_path / "other.db")]
    out, err = run(capsys, "import", str(file), *other, code=1)
    assert out == "2 conversations added, 1 bad line left out\n"
    assert f"{file}:2: a line of over 5,000 bytes" in err
