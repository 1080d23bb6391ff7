"""The user's folder and config.toml: precedence, permissions, and one clear line for anything wrong."""

from __future__ import annotations

import stat
import tomllib
from pathlib import Path

import pytest

from chatbot.errors import ConfigError
from chatbot.home import annotated_config, config_path, history_url, home, load_config
from chatbot.settings import DecodingSettings, fields_of


def write(text: str | bytes) -> None:
    config_path().write_bytes(text if isinstance(text, bytes) else text.encode())


def test_the_folder_is_private_and_made_once(tmp_path: Path) -> None:
    assert home() == tmp_path / "home"
    assert stat.S_IMODE(home().stat().st_mode) == 0o700


def test_without_chatbot_home_the_platform_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHATBOT_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert home().name == "chatbot"
    assert tmp_path in home().parents


def test_a_folder_that_cannot_be_made_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("CHATBOT_HOME", str(tmp_path / "file" / "home"))
    with pytest.raises(ConfigError, match=r"cannot create the folder .*set CHATBOT_HOME"):
        home()


def test_a_missing_config_is_an_empty_one() -> None:
    config = load_config()
    assert config.chat.model is None
    assert config.decoding == {}


def test_a_config_holds_only_what_it_names() -> None:
    write('[chat]\nmodel = "runs/mine"\n\n[decoding]\nbeam_size = 3\ntemperature = 1\n')
    config = load_config()
    assert config.chat.model == "runs/mine"
    assert config.decoding == {"beam_size": 3, "temperature": 1.0}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\n[decodng]\nbeam_size = 3", r"config.toml:2: unknown section \[decodng\]; did you mean 'decoding'\?"),
        ("[decoding]\n# a\nbeam_sise = 3", r"config.toml:3: .*unknown setting 'beam_sise'; did you mean 'beam_size'\?"),
        ("[chat]\nmodel='x'\n[decoding]\nbeam_size = 0", r"config.toml:4: .* an integer from 1 to 100.* received 0"),
        ("[decoding]\ntop_p = nan", r"config.toml:2: .*top_p must be"),
        ("[chat]\nmodel = 3", r"config.toml:2: .*model must be a text"),
        ("decoding = 3", r"config.toml:1: decoding must be a section"),
        ("[decoding\n", r"config.toml: not valid TOML: .*line 1"),
        (b"[chat]\nmodel = '\xff'", r"config.toml: must be UTF-8 text, but byte 16 is not"),
        ("a = " + "[" * 5000, r"config.toml: not valid TOML"),
    ],
)
def test_a_wrong_config_names_the_line_and_what_was_expected(text: str | bytes, line: str) -> None:
    write(text)
    with pytest.raises(ConfigError, match=line) as caught:
        load_config()
    assert "\n" not in str(caught.value)


def test_the_environment_names_the_database_before_the_config(monkeypatch: pytest.MonkeyPatch) -> None:
    assert history_url() == f"sqlite:///{home() / 'history.db'}"
    write('[chat]\ndatabase = "sqlite:////elsewhere.db"')
    assert history_url() == "sqlite:////elsewhere.db"
    monkeypatch.setenv("CHATBOT_DATABASE", "sqlite:////first.db")
    assert history_url() == "sqlite:////first.db"


def test_the_annotated_config_is_valid_with_and_without_its_comments() -> None:
    write(annotated_config())
    assert load_config().decoding == {}
    opened = [line.removeprefix("# ") for line in _settings_only()]
    write("\n".join(opened))
    assert load_config().decoding.keys() == fields_of(DecodingSettings).keys()
    assert tomllib.loads(config_path().read_text())["chat"].keys() == {"model", "database"}


def _settings_only() -> list[str]:
    lines = annotated_config().splitlines()
    names = ("model", "database", *fields_of(DecodingSettings))
    return [line for line in lines if line.startswith("[") or line.startswith(tuple(f"# {n} = " for n in names))]
