"""`chatbot history` as a person, a pipe and a script see it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from toy_dialogue import toy_model

from chatbot.cli.main import main
from chatbot.dialogue.dialogue import Dialogue
from chatbot.store.annotations import bookmark, correct
from chatbot.store.history import History
from chatbot.store.recorded import RecordedDialogue

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def talked() -> RecordedDialogue:
    """Two conversations in the user's own history; the dialogue of the second, which was retried and undone."""
    history = History.open()
    RecordedDialogue(Dialogue(toy_model()), history).reply("good evening\nto you")
    dialogue = RecordedDialogue(Dialogue(toy_model()), history)
    dialogue.reply("hello")
    dialogue.retry()
    dialogue.reply("forget this")
    dialogue.undo()
    dialogue.reply("why")
    history.close()
    return dialogue


def run(capsys: Capture, *words: str, code: int = 0) -> tuple[str, str]:
    assert main(words) == code
    captured = capsys.readouterr()
    return captured.out, captured.err


def test_the_list_is_aligned_latest_first(talked: RecordedDialogue, capsys: Capture) -> None:
    out, err = run(capsys, "history", "list")
    first, second = (line.split("  ") for line in out.splitlines())
    assert err == ""
    assert (first[0], first[2:]) == ("2", ["3", "toy", "hello"])
    assert (second[0], second[2:]) == ("1", ["1", "toy", "good evening to you"])
    assert abs((datetime.now() - datetime.strptime(first[1], "%Y-%m-%d %H:%M")).total_seconds()) < 600


def test_the_list_is_limited_and_says_so(talked: RecordedDialogue, capsys: Capture) -> None:
    out, err = run(capsys, "history", "list", "--limit", "1")
    assert len(out.splitlines()) == 1
    assert err == "there are more; show them with: chatbot history list --limit 2\n"
    assert run(capsys, "history", "list", "--limit", "2")[1] == ""


def test_an_empty_history_says_how_to_begin(capsys: Capture) -> None:
    assert run(capsys, "history", "list") == ("", "no conversations yet; start one with: chatbot\n")
    assert run(capsys, "history", "list", "--json")[0] == "[]\n"
    assert "no conversations yet" in run(capsys, "history", "show", "last", code=1)[1]


def test_show_prints_the_branch_that_stands(talked: RecordedDialogue, capsys: Capture) -> None:
    out, _ = run(capsys, "history", "show", "2")
    header, *lines = out.splitlines()
    hello, why = talked.turns
    assert header.startswith("conversation 2, toy, 20")
    assert lines == ["you: hello", f"bot: {hello.reply.text} (reply 2 of 2)", "you: why", f"bot: {why.reply.text}"]
    assert run(capsys, "history", "show", "last")[0] == out


def test_show_all_branches_tells_what_stands_and_what_follows_what(talked: RecordedDialogue, capsys: Capture) -> None:
    _, *lines = run(capsys, "history", "show", "2", "--all-branches")[0].splitlines()
    marks = [(line[0], line.split(":")[0].split("(")[0].strip("* "), line.rpartition(": ")[2]) for line in lines]
    hello, why = talked.turns
    assert marks[:3] == [
        ("*", "turn 2", "hello"),
        (" ", "reply 2", hello.shown[0]),
        ("*", "reply 3", hello.reply.text),
    ]
    assert marks[3][:2] == (" ", "turn 3")
    assert lines[3].startswith("  turn 3 (after reply 3): forget this")
    assert marks[-2:] == [("*", "turn 4", "why"), ("*", "reply 5", why.reply.text)]


def test_lines_of_one_text_stand_under_each_other(talked: RecordedDialogue, capsys: Capture) -> None:
    lines = run(capsys, "history", "show", "1")[0].splitlines()
    assert lines[1:3] == ["you: good evening", "     to you"]


def test_json_holds_the_whole_receipt(talked: RecordedDialogue, capsys: Capture) -> None:
    listed = json.loads(run(capsys, "history", "list", "--json")[0])
    assert [(one["id"], one["title"], one["turns"]) for one in listed] == [
        (2, "hello", 3),
        (1, "good evening to you", 1),
    ]
    assert datetime.fromisoformat(listed[0]["created_at"]).utcoffset().total_seconds() == 0
    shown = json.loads(run(capsys, "history", "show", "2", "--json")[0])
    reply = talked.turns[1].reply
    kept = shown["turns"][1]["reply"]
    assert (kept["text"], kept["seed"], tuple(kept["context_ids"])) == (reply.text, reply.seed, reply.context_ids)
    assert kept["settings"]["seed"] == reply.seed
    whole = json.loads(run(capsys, "history", "show", "2", "--json", "--all-branches")[0])
    assert [len(turn["replies"]) for turn in whole["turns"]] == [2, 1, 1]
    assert whole["path"] == [{"turn": 2, "reply": 3}, {"turn": 4, "reply": 5}]


def test_json_has_no_number_that_json_has_not(capsys: Capture) -> None:
    model = toy_model()
    with History.open() as history:
        _, turn = history.start_conversation("hello")
        reply = model.answer(["hello"], [False], model.settings)
        history.add_reply(turn, replace(reply, token_log_probs=(float("-inf"), -1.0)), model)
    shown = json.loads(run(capsys, "history", "show", "1", "--json")[0])
    assert shown["turns"][0]["reply"]["token_log_probs"] == [None, -1.0]


@pytest.mark.parametrize("word", ["0x1", "-1", "one", "", "1.5", "٣", "9" * 30])
def test_an_id_that_is_none(word: str, capsys: Capture) -> None:
    err = run(capsys, "history", "show", "--", word, code=2)[1]
    assert "ID must be a number that chatbot history list shows, or 'last'" in err


def test_a_conversation_that_is_not_there(talked: RecordedDialogue, capsys: Capture) -> None:
    err = run(capsys, "history", "show", "99", code=1)[1]
    assert err.startswith("chatbot: ")
    assert err.endswith("no conversation 99; list them with: chatbot history list\n")


def test_nothing_stored_reaches_the_terminal_raw(capsys: Capture) -> None:
    text = "hi \x1b]0;title\x07 \x9b2J \u202eevil\r\n\ttab"
    with History.open() as history:
        history.start_conversation(text)
    for words in (
        ["list"],
        ["show", "1"],
        ["show", "1", "--all-branches"],
        ["list", "--json"],
        ["show", "1", "--json"],
    ):
        out, _ = run(capsys, "history", *words)
        assert not {"\x1b", "\x07", "\x9b", "\u202e", "\r", "\t"} & set(out)
        assert "evil" in out
    assert json.loads(out)["turns"][0]["text"] == text


def test_an_unanswered_and_an_undone_conversation(capsys: Capture) -> None:
    with History.open() as history:
        number, _ = history.start_conversation("hello")
        assert run(capsys, "history", "show", "1")[0].splitlines()[1:] == ["you: hello", "bot: (no reply)"]
        history.set_leaf(number, None, None)
    assert "(all turns were undone" in run(capsys, "history", "show", "1")[0]


def test_another_database_by_path(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "other.db"
    with History.open(str(path)) as history:
        history.start_conversation("elsewhere")
    assert "elsewhere" in run(capsys, "history", "list", "--database", str(path))[0]
    assert "elsewhere" not in run(capsys, "history", "list")[0]


def test_a_closed_pipe_is_quiet(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    with History.open(str(path)) as history:
        history.start_conversation("\n".join(["line"] * 50_000))
    show = [sys.executable, "-m", "chatbot", "history", "show", "1", "--database", str(path)]
    with subprocess.Popen(show, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.readline()
        child.stdout.close()
        assert child.stderr.read() == b""


def test_export_and_import_through_files_and_pipes(talked: RecordedDialogue, tmp_path: Path, capsys: Capture) -> None:
    lines = run(capsys, "history", "export")[0].splitlines()
    assert [json.loads(line)["title"] for line in lines] == ["good evening to you", "hello"]
    file = tmp_path / "all.jsonl"
    assert run(capsys, "history", "export", "--output", str(file)) == ("", f"wrote 2 conversations to {file}\n")
    assert file.read_text(encoding="utf-8").splitlines() == lines
    assert "is there already and is kept" in run(capsys, "history", "export", "-o", str(file), code=1)[1]
    assert "wrote 1 conversation to" in run(capsys, "history", "export", "last", "-o", str(file), "--overwrite")[1]
    elsewhere = ["--database", str(tmp_path / "other.db")]
    assert run(capsys, "history", "import", str(file), *elsewhere)[0] == "1 conversation added\n"
    assert run(capsys, "history", "import", str(file), *elsewhere)[0] == "0 conversations added, 1 here already\n"
    assert run(capsys, "history", "export", *elsewhere)[0].splitlines() == lines[1:]
    shown = run(capsys, "history", "export", "2", "--as", "text")[0]
    assert shown == run(capsys, "history", "show", "2")[0]


def test_a_bad_line_is_reported_and_the_rest_is_imported(
    talked: RecordedDialogue, tmp_path: Path, capsys: Capture
) -> None:
    file = tmp_path / "all.jsonl"
    file.write_text("nonsense\n" + run(capsys, "history", "export", "1")[0])
    elsewhere = ["--database", str(tmp_path / "other.db")]
    assert (
        f"{file}:1: not JSON" in run(capsys, "history", "import", str(file), "--all-or-nothing", *elsewhere, code=1)[1]
    )
    out, err = run(capsys, "history", "import", str(file), *elsewhere, code=1)
    assert out == "1 conversation added, 1 bad line left out\n"
    assert err.splitlines()[0].startswith(f"chatbot: {file}:1: not JSON in UTF-8")
    assert err.splitlines()[1] == f"chatbot: {file}: lines left out: 1"


def test_what_was_said_of_a_reply_is_shown_with_it(talked: RecordedDialogue, capsys: Capture) -> None:
    with History.open() as history:
        correct(history, 5, "Because\nof you.")
        bookmark(history, 2)
    assert run(capsys, "history", "show", "2")[0].splitlines()[-1] == "  (better: Because of you.)"
    assert run(capsys, "history", "show", "2")[0].splitlines()[1] == "  (bookmarked)"
    assert "(better: Because of you.)" in run(capsys, "history", "show", "2", "--all-branches")[0]
    kept = json.loads(run(capsys, "history", "show", "2", "--json")[0])["annotations"]
    assert [(one["kind"], one["reply_id"], one["text"]) for one in kept] == [
        ("correction", 5, "Because\nof you."),
        ("bookmark", None, None),
    ]


def test_search_prints_places_with_the_hit_marked(talked: RecordedDialogue, capsys: Capture) -> None:
    out, err = run(capsys, "history", "search", "EVENING", "you")
    assert err == ""
    assert out.startswith("1  20")
    assert out.endswith("  you: good [evening] to [you]\n")
    (found,) = json.loads(run(capsys, "history", "search", "evening", "--json", "--limit", "1")[0])
    assert (found["conversation_id"], found["kind"], found["snippet"]) == (1, "turn", "good [evening] to you")
    assert run(capsys, "history", "search", "nowhere") == ("", "nothing found\n")
    assert "search needs a word to look for" in run(capsys, "history", "search", '"', code=2)[1]
