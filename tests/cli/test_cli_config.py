"""`chatbot config`: every setting with its source; a file to start with, never overwritten."""

from __future__ import annotations

import json
import stat

import pytest

from chatbot.cli.main import main
from chatbot.home import config_path, load_config
from chatbot.settings import DecodingSettings, fields_of


def test_show_names_the_source_of_every_setting(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    config_path().write_text('[chat]\nmodel = "mine"\n[decoding]\nbeam_size = 3\ntop_k = 2\n')
    monkeypatch.setenv("CHATBOT_TOP_K", "7")
    assert main(["config", "show", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["path"] == str(config_path())
    decoding = shown["settings"]["decoding"]
    assert decoding.keys() == fields_of(DecodingSettings).keys()
    assert decoding["beam_size"] == {"value": 3, "source": str(config_path())}
    assert decoding["top_k"] == {"value": 7, "source": "CHATBOT_TOP_K"}
    assert decoding["top_p"] == {"value": None, "source": "default"}
    assert shown["settings"]["chat"]["model"] == {"value": "mine", "source": str(config_path())}


def test_show_says_it_in_lines_too(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATBOT_DATABASE", "postgresql://me:secret@host/chat")
    assert main(["config", "show"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "[chat]"
    assert lines[1].split() == ["model", "the", "default", "one", "default"]
    assert lines[2].split() == ["database", "postgresql://me:***@host/chat", "CHATBOT_DATABASE"]
    assert lines[3].split() == ["theme", "dark", "default"]
    assert lines[7].split() == ["beam_size", "the", "model's", "own", "default"]


def test_path_is_printed_whether_it_exists_or_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "path"]) == 0
    assert capsys.readouterr().out == f"{config_path()}\n"


def test_init_writes_a_private_file_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "init"]) == 0
    assert stat.S_IMODE(config_path().stat().st_mode) == 0o600
    assert load_config().decoding == {}
    config_path().write_text("[decoding]\nbeam_size = 4\n")
    assert main(["config", "init"]) == 2
    assert "exists already and is kept" in capsys.readouterr().err
    assert load_config().decoding == {"beam_size": 4}


def test_a_wrong_file_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    config_path().write_text("[decoding]\nbeam = 4\n")
    assert main(["config", "show"]) == 2
    assert capsys.readouterr().err == (
        f"chatbot: {config_path()}:2: [decoding]: unknown setting 'beam'; did you mean 'beam_size'?\n"
    )


@pytest.mark.parametrize(("said", "value"), [("1", True), ("on", True), ("YES", True), ("0", False), ("off", False)])
def test_plain_from_the_environment_is_said_as_at_the_option(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, said: str, value: bool
) -> None:
    monkeypatch.setenv("CHATBOT_PLAIN", said)
    assert main(["config", "show", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["settings"]["chat"]["plain"] == {
        "value": value,
        "source": "CHATBOT_PLAIN",
    }
