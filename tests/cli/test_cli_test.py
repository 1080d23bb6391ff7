"""`chatbot test` as it is typed: what it prints, writes and remembers, and how it ends."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from chatbot.cli.main import main

Test = Callable[..., tuple[int, str, str]]

GOOD = "turns:\n  - user: hello\n    words: 1 to 20\n"
BAD = """\
tags: smoke
dialogues:
  - name: is brief
    turns:
      - user: hello
        words: at most 0
  - name: is anything
    turns:
      - user: hello
"""


@pytest.fixture
def test(
    tmp_path: Path, tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Test:
    """Type `chatbot test ...` in a folder with two scripts; the exit code, stdout and stderr."""
    folder = tmp_path / "scripts"
    (folder / "below").mkdir(parents=True)
    (folder / "good.dialogue.yaml").write_text(GOOD)
    (folder / "below" / "bad.dialogue.yaml").write_text(BAD)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("CHATBOT_MODEL", str(tiny_bundle))
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")  # else set for good by the command

    def call(*arguments: str) -> tuple[int, str, str]:
        code = main(["test", *arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return call


def test_all_that_holds_ends_in_zero(test: Test) -> None:
    code, out, err = test("good.dialogue.yaml")
    assert (code, err) == (0, "")
    assert out.startswith("good.dialogue.yaml  ")
    assert out.splitlines()[-1].startswith("1 dialogue: 1 passed; 1 reply in ")


def test_what_broke_is_shown_with_file_line_and_what_was_said(test: Test) -> None:
    code, out, _ = test(".")
    assert code == 3
    lines = out.splitlines()
    assert lines[0].startswith("below/bad.dialogue.yaml:6: is brief: words: the reply has ")
    assert lines[1] == "    you> hello"
    assert lines[2].startswith("    bot> ")
    assert lines[-1].startswith("3 dialogues: 2 passed, 1 failed; 3 replies in ")


def test_what_cannot_be_read_leaves_the_rest_to_run(test: Test) -> None:
    Path("odd.dialogue.yaml").write_text("turns:\n  - usr: hello\n")
    Path("model.dialogue.yaml").write_text("model: nowhere\n" + GOOD)
    code, out, _ = test(".", "nothing.dialogue.yaml")
    assert code == 2
    assert "odd.dialogue.yaml:2: " in out
    assert "nothing.dialogue.yaml: no such file or folder" in out
    assert "model.dialogue.yaml:1: no model named 'nowhere'" in out
    assert "4 dialogues: 2 passed, 1 failed, 1 error, 2 unreadable" in out


def test_where_no_script_can_be_read_each_is_an_error_of_one_line(test: Test) -> None:
    Path("odd.dialogue.yaml").write_text("turns: 3\n")
    code, out, err = test("nothing", "odd.dialogue.yaml")
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        "chatbot: nothing: no such file or folder",
        "chatbot: odd.dialogue.yaml:1: expected a list of turns such as '- user: hello', but found 3",
    ]
    assert json.loads(test("nothing", "--json")[1])["counts"]["unread"] == 1


def test_dialogues_are_chosen_by_name_and_tag(test: Test) -> None:
    assert test(".", "--filter", "anything or good")[1].splitlines()[-1].startswith("2 dialogues: 2 passed")
    assert test(".", "--tags", "smoke", "--filter", "not brief")[1].splitlines()[-1].startswith("1 dialogue: 1 passed")
    code, _, err = test(".", "--tags", "smoke and manners")
    assert (code, err) == (2, "chatbot: none of 3 dialogues is wanted: change --tags 'smoke and manners'\n")
    assert test(".", "--filter", "a b")[0] == 2


def test_what_broke_last_is_remembered(test: Test) -> None:
    test(".")
    assert test(".", "--failed")[1].splitlines()[-1].startswith("1 dialogue: 1 failed")
    script = Path("below/bad.dialogue.yaml")
    script.write_text(script.read_text().replace("at most 0", "at least 0"))
    assert test(".", "--failed")[1].splitlines()[-1].startswith("1 dialogue: 1 passed")
    assert test(".", "--failed")[1].splitlines()[-1].startswith("3 dialogues: 3 passed")


def test_junit_and_json_tell_the_same(test: Test) -> None:
    Path("odd.dialogue.yaml").write_text("turns: 3\n")
    code, out, _ = test(".", "--junit", "report.xml", "--json")
    assert code == 2
    report = json.loads(out)
    assert report["counts"] == {"passed": 2, "failed": 1, "error": 0, "not run": 0, "unread": 1}
    broken = next(one for one in report["dialogues"] if one["status"] == "failed")
    assert (broken["name"], broken["file"], broken["line"]) == ("is brief", "below/bad.dialogue.yaml", 3)
    expectation = broken["turns"][0]["expectations"][0]
    assert (expectation["name"], expectation["line"], expectation["ok"]) == ("words", 6, False)
    root = ElementTree.parse("report.xml").getroot()
    assert {name: root.get(name) for name in ("tests", "failures", "errors")} == {
        "tests": "4",
        "failures": "1",
        "errors": "1",
    }
    cases = {case.get("name"): case for case in root.iter("testcase")}
    assert (cases["is brief"].get("file"), cases["is brief"].get("line")) == ("below/bad.dialogue.yaml", "3")
    assert cases["is brief"].find("failure").get("message").startswith("below/bad.dialogue.yaml:6: words: ")


def test_several_models_are_compared(test: Test, tiny_bundle: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_bundle, tmp_path / "other")
    code, out, _ = test(".", "--model", str(tiny_bundle), "--model", str(tmp_path / "other"))
    assert code == 3
    table = [line.split("  ") for line in out.splitlines() if line.startswith(("is brief", "passed"))]
    assert [[cell.strip() for cell in row if cell.strip()] for row in table] == [
        ["is brief", "failed", "failed"],
        ["passed", "2 of 3", "2 of 3"],
    ]


def test_update_writes_what_was_said(test: Test) -> None:
    script = Path("talk.dialogue.yaml")
    script.write_text("turns:  # mine\n  - user: hello\n    reply: 'nothing'\n    words: 0\n")
    code, out, err = test("talk.dialogue.yaml", "--update")
    said = next(line.removeprefix("    bot> ") for line in out.splitlines() if "bot>" in line)
    quoted = said.replace("'", "''")
    assert (
        script.read_text()
        == f"turns:  # mine\n  - user: hello\n    reply: '{quoted}'\n    words: 0\n    # got: {said}\n"
    )
    assert (code, err) == (3, "talk.dialogue.yaml: 2 places updated\n")


def test_repeat_runs_on_other_seeds(test: Test) -> None:
    _, out, _ = test("good.dialogue.yaml", "--repeat", "3", "--json")
    assert [one["repeat"] for one in json.loads(out)["dialogues"]] == [1, 2, 3]


def test_the_first_that_breaks_can_end_it(test: Test) -> None:
    Path("long.dialogue.yaml").write_text("turns:\n" + "  - user: hello\n" * 3)
    assert test(".", "-x")[1].splitlines()[-1].startswith("4 dialogues: 2 passed, 1 failed, 1 not run; ")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ([], "chatbot: missing argument 'PATH...'. See: chatbot test --help"),
        ([".", "--model", "nowhere"], "chatbot: no model named 'nowhere'"),
        ([".", "--update", "--repeat", "2"], "chatbot: --update takes one --model and no --repeat."),
        ([".", "--watch", "--json"], "chatbot: --watch and --json exclude each other."),
        (
            ["good.dialogue.yaml", "--junit", "no/x.xml"],
            "chatbot: no/x.xml: cannot be written: No such file or directory",
        ),
        ([".", "--filter", "a and"], "chatbot: cannot read the expression 'a and': expected a word at the end"),
    ],
)
def test_wrong_usage_is_one_line(test: Test, arguments: list[str], line: str) -> None:
    code, out, err = test(*arguments)
    assert (code, err.count("\n")) == (2, 1)
    assert "Traceback" not in out
    assert err.startswith(line)


def test_watching_runs_again_on_a_change_and_ends_with_ctrl_c(test: Test) -> None:
    log = Path("log")
    with log.open("w") as file:
        watching = subprocess.Popen(
            [sys.executable, "-m", "chatbot", "test", "good.dialogue.yaml", "--watch"],
            stdout=file,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    try:
        _wait(lambda: log.read_text().count("watching 1 file; Ctrl-C ends") == 1)
        Path("good.dialogue.yaml").write_text(GOOD.replace("1 to 20", "at most 0"))
        _wait(lambda: log.read_text().count("Ctrl-C ends") == 2)
        watching.send_signal(signal.SIGINT)
        assert watching.wait(60) == 130
    finally:
        watching.kill()
    assert "good.dialogue.yaml:3: good: words: " in log.read_text()
    assert "Traceback" not in log.read_text()


def _wait(happened: Callable[[], bool], patience: float = 60) -> None:
    until = time.monotonic() + patience
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_what_passed_but_not_on_every_sample_says_that_it_passed(test: Test) -> None:
    often = "samples: 20\npass_rate: 0.01\nsettings: {temperature: 1}\nturns:\n- user: hello\n  "
    Path("often.dialogue.yaml").write_text(often + "reply: no one says this")
    said = test("often.dialogue.yaml")[1].splitlines()[2].removeprefix("    bot> ")
    Path("often.dialogue.yaml").write_text(often + f"not_reply: {json.dumps(said)}")
    code, out, _ = test("often.dialogue.yaml")
    assert code == 0
    assert out.startswith("often.dialogue.yaml:6: often: passed, though not_reply held in ")
    assert out.splitlines()[0].endswith(" %), expected 1 %")
