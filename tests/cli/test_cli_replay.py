"""`chatbot replay` as a person and a script see it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from toy_bundle import save_toy

from chatbot.cli.main import main
from chatbot.dialogue.dialogue import Dialogue
from chatbot.dialogue.model import Model
from chatbot.home import home
from chatbot.replay import baselines
from chatbot.store.history import History
from chatbot.store.recorded import RecordedDialogue

Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="session")
def talked_home(tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a model and two conversations with it."""
    folder = tmp_path_factory.mktemp("talked")
    shutil.copytree(tiny_bundle, folder / "models" / "tiny")
    model = Model.load(str(tiny_bundle))
    with History.open(str(folder / "history.db")) as history:
        for seed, lines in ((3, ["Good morning.", "Some tea?"]), (4, ["Hello!"])):
            settings = replace(model.settings, temperature=0.8, beam_size=1, seed=seed)
            dialogue = RecordedDialogue(Dialogue(model, settings), history)
            for line in lines:
                dialogue.reply(line)
    return folder


@pytest.fixture
def talked(talked_home: Path) -> Path:
    """That home as this test's own; the folder of its model."""
    shutil.copytree(talked_home, home(), dirs_exist_ok=True)
    return home() / "models" / "tiny"


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The folder of another model."""
    path = tmp_path_factory.mktemp("strangers") / "stranger"
    save_toy(path, name="stranger", decoding={"max_length": 8})
    return str(path)


def run(capsys: Capture, *words: str, code: int = 0) -> tuple[str, str]:
    assert main(["replay", *words]) == code
    captured = capsys.readouterr()
    return captured.out, captured.err


def test_the_same_model_says_the_same(talked: Path, capsys: Capture) -> None:
    out, err = run(capsys, "--all", "--model", "tiny")
    assert err == ""
    assert out.startswith("2 conversations, 3 turns, compared with the log: tiny")
    assert re.search(r"^same words +100\.0%", out, re.MULTILINE)
    assert "2 conversations, 3 turns" in run(capsys, "1", "2", "--model", "tiny")[0]
    assert "1 conversation, 1 turn," in run(capsys, "last", "--model", "tiny")[0]
    assert "1 conversation, 1 turn," in run(capsys, "--last", "1", "--model", "tiny")[0]


def test_another_model_differs_with_code_3(talked: Path, stranger: str, capsys: Capture) -> None:
    out, err = run(capsys, "1", "--model", stranger, code=3)
    assert err == "chatbot: 2 of 2 replies are different under stranger; --threshold admits 0.0%\n"
    assert "1, turn 1: Good morning." in out
    assert "under the old model" in out
    run(capsys, "1", "--model", stranger, "--threshold", "1")
    run(capsys, "1", "--model", stranger, "--tolerance", "1000")


def test_several_models_side_by_side_and_reports(talked: Path, stranger: str, capsys: Capture, tmp_path: Path) -> None:
    reports = [str(tmp_path / f"r.{suffix}") for suffix in ("txt", "json", "md", "html", "xml")]
    options = [word for path in reports for word in ("--report", path)]
    out, _ = run(capsys, "--all", "--against", "tiny", "--against", stranger, "--format", "json", *options, code=3)
    value = json.loads(out)
    assert [model["model"] for model in value["models"]] == ["tiny", "stranger"]
    assert value["pairs"][0]["same"]["of"] == 3
    assert value == {**json.loads(Path(reports[1]).read_text()), "models": value["models"]}
    assert all(Path(path).stat().st_size > 500 for path in reports)


def test_one_against_is_beside_the_model_to_talk_with(
    talked: Path, stranger: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHATBOT_MODEL", "tiny")
    out, _ = run(capsys, "1", "--against", stranger, "--json", code=3)
    assert [model["model"] for model in json.loads(out)["models"]] == ["tiny", "stranger"]


def test_settings_can_be_changed(talked: Path, capsys: Capture) -> None:
    out, _ = run(capsys, "1", "--model", "tiny", "--set", "temperature=0", "--set", "beam-size=4", "--json", code=3)
    assert json.loads(out)["changes"] == {"temperature": 0.0, "beam_size": 4}


def test_an_exported_file_is_replayed(talked: Path, capsys: Capture, tmp_path: Path) -> None:
    path = tmp_path / "talks.jsonl"
    assert main(["history", "export", "--output", str(path)]) == 0
    (home() / "history.db").unlink()
    capsys.readouterr()
    out, _ = run(capsys, str(path), "--model", "tiny")
    assert "talks.jsonl:1" in out
    assert not (home() / "history.db").exists()
    path.write_text("{}\n")
    _, err = run(capsys, str(path), code=2)
    assert err.startswith("chatbot: nothing to replay: ")
    assert "talks.jsonl:1" in err


def test_a_baseline_is_kept_and_compared_with(talked: Path, stranger: str, capsys: Capture) -> None:
    _, err = run(capsys, "--all", "--model", stranger, "--set", "max_length=7", "--bless", "mine")
    assert err == "kept as the baseline mine: 3 turns; compare with: --baseline mine\n"
    out, _ = run(capsys, "--baseline", "mine", "--model", stranger)
    assert "compared with the baseline mine" in out
    assert "settings changed: max_length=7" in out
    run(capsys, "--baseline", "mine", "--model", "tiny", code=3)
    assert baselines.names() == ["mine"]
    assert "did you mean 'mine'" in run(capsys, "1", "--baseline", "min", code=2)[1]
    assert "kept again" in run(capsys, "1", "--model", stranger, "--bless", "mine")[1]


def test_what_is_forgotten_leaves_the_baselines_too(talked: Path, capsys: Capture) -> None:
    run(capsys, "--all", "--model", "tiny", "--bless", "mine")
    assert main(["history", "forget", "2", "--yes"]) == 0
    assert "removed from the baselines of chatbot replay: mine" in capsys.readouterr().out
    (uid,) = baselines.load("mine").conversations
    with History.open() as history:
        assert [one.uid for one in history.list_conversations()] == [uid]


def test_exact(talked: Path, stranger: str, capsys: Capture) -> None:
    out, err = run(capsys, "--all", "--exact")
    assert (out, err) == ("3 of 3 replies said again to the letter\n", "")
    out, err = run(capsys, "2", "--exact", "--model", stranger, code=3)
    assert "differs - model: the reply is of tiny" in out
    assert "1 of 1 replies could not be said again" in err
    shutil.rmtree(talked)
    out, _ = run(capsys, "2", "--exact", "--json", code=3)
    assert "is not among the known models" in json.loads(out)[0]["causes"][0]


def test_bisect(talked: Path, stranger: str, capsys: Capture, tmp_path: Path) -> None:
    for number, folder in enumerate((talked, Path(stranger)), start=1):
        shutil.copytree(folder, tmp_path / "run" / "epochs" / f"epoch-0000{number}")
    out, _ = run(capsys, "1", "--bisect", str(tmp_path / "run"))
    assert out.splitlines()[-1] == "changed by epoch-00002: epoch-00001 still says it"
    out, _ = run(capsys, "1", "--bisect", str(tmp_path / "run"), "--turn", "2", "--json")
    assert json.loads(out)["culprit"] == 1
    assert "one conversation" in run(capsys, "--all", "--bisect", str(tmp_path / "run"), code=2)[1]


def test_watching_in_a_pipe_just_prints(talked: Path, capsys: Capture) -> None:
    out, err = run(capsys, "1", "--watch")
    assert [line.split(": ")[0] for line in out.splitlines()] == ["conversation 1", "you", "bot", "you", "bot"]
    assert err == ""


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "name conversations to replay"),
        (["1", "--all"], "not several of these"),
        (["7"], "no conversation 7"),
        (["seven"], "'seven'"),
        (["1", "--set", "beam=3"], "did you mean 'beam_size'?"),
        (["1", "--set", "beam_size"], "KEY=VALUE"),
        (["1", "--set", "beam_size=0"], "an integer from 1 to 100"),
        (["1", "--model", "nobody"], "no model named 'nobody'"),
        (["1", "--report", "report.pdf"], "a report is named by its suffix"),
        (["1", "--report", "nowhere/report.md"], "its folder does not exist"),
        (["1", "--bless", "../up"], "a baseline's name"),
        (["1", "--bless", "x", "--against", "tiny", "--against", "tiny"], "name one"),
        (["1", "--exact", "--watch"], "do not go together"),
        (["1", "--exact", "--set", "beam_size=3"], "leave out"),
        (["1", "--turn", "2"], "--turn goes with --bisect"),
        (["1", "--bisect", "nowhere"], "no such folder"),
        (["1", "--threshold", "2"], "0<=x<=1"),
        (["1", "--threshold", "nan"], "'nan' is not a finite number"),
        (["1", "--tolerance", "inf"], "'inf' is not a finite number"),
    ],
)
def test_what_is_wrong_is_one_line(talked: Path, capsys: Capture, words: list[str], message: str) -> None:
    code = main(["replay", *words])
    out, err = capsys.readouterr()
    assert code in (1, 2)
    assert out == ""
    assert err.count("\n") == 1
    assert message in err


def test_an_empty_history_says_how_to_begin(capsys: Capture) -> None:
    for words in (["--all"], ["--last", "3"], ["last"]):
        assert "no conversations yet" in run(capsys, *words, code=1 if words == ["last"] else 2)[1]


def test_a_bundle_for_another_task_is_one_line(talked: Path, capsys: Capture) -> None:
    config = talked / "config.json"
    config.write_text(config.read_text().replace('"task": "dialogue"', '"task": "juggling"'))
    assert run(capsys, "1", "--model", "tiny", code=1)[1].count("\n") == 1


def test_ctrl_c_ends_with_130_and_one_line(talked: Path) -> None:
    code = """
import os, signal, sys
from chatbot.cli.main import main
from chatbot.dialogue.model import Model
answer = Model.answer_each
def interrupted(self, *given):
    os.kill(os.getpid(), signal.SIGINT)
    return answer(self, *given)
Model.answer_each = interrupted
sys.exit(main(["replay", "--all", "--model", "tiny"]))
"""
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ}, timeout=60, check=False
    )
    assert (ended.returncode, ended.stdout) == (130, "")
    assert ended.stderr == "chatbot: stopped; nothing was written\n"
