"""The user's folder: config.toml, history.db, models/. In: the environment and config.toml. Out: checked settings.

Precedence everywhere: option, environment (CHATBOT_MODEL, CHATBOT_BEAM_SIZE, ...), config.toml, the bundle's default.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chatbot.errors import ConfigError
from chatbot.settings import DecodingSettings, fields_of, from_mapping, setting, suggest, type_of

THEMES = ("dark", "light", "mono")


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """The section [chat] of config.toml."""

    model: str | None = setting(None, "the model to talk with: a shipped name, a run or a bundle folder", optional=True)
    database: str | None = setting(None, "where conversations are kept: a file, or an SQLAlchemy URL", optional=True)
    theme: str = setting("dark", "colours of the conversation: for a dark or a light terminal, or none", choices=THEMES)
    models_index: str | None = setting(
        None, "the index that `chatbot models pull NAME` looks in: a file or a web address", optional=True
    )
    plain: bool = setting(False, "lines of text alone, as screen readers like them: no menus, nothing drawn")


_EXAMPLES = {
    "model": '"cornell"',
    "database": '"sqlite:////home/me/history.db"',
    "models_index": '"https://example.org/models/index.json"',
    "seed": 7,
    "forbidden": '"this, that"',
}

SECTIONS: dict[str, type] = {"chat": ChatSettings, "decoding": DecodingSettings}


@dataclass(frozen=True, slots=True)
class Config:
    """What config.toml says; `decoding` holds only the settings that it names."""

    chat: ChatSettings = field(default_factory=ChatSettings)
    decoding: dict[str, Any] = field(default_factory=dict)


def home() -> Path:
    """The folder of CHATBOT_HOME, or the platform's data folder; created for its owner only (0700)."""
    named = os.environ.get("CHATBOT_HOME")
    if named:
        path = Path(named).expanduser().absolute()
    else:
        from platformdirs import user_data_path

        path = user_data_path("chatbot", appauthor=False)
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"{path}: cannot create the folder for settings and history ({error.strerror}); "
            "set CHATBOT_HOME to one that can be written"
        ) from error
    return path


def config_path() -> Path:
    """Where config.toml is, or would be."""
    return home() / "config.toml"


def history_url() -> str:
    """The database of conversations: CHATBOT_DATABASE, else config.toml's, else history.db in the user's folder."""
    named = os.environ.get("CHATBOT_DATABASE") or load_config().chat.database
    return named or f"sqlite:///{home() / 'history.db'}"


def load_config() -> Config:
    """Read config.toml; a missing file is an empty one. `ConfigError` with file and line for anything wrong in it."""
    path = config_path()
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return Config()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    return parse_config(content, path)


def parse_config(content: bytes, path: Path) -> Config:
    """The settings of a config.toml's content; `path` begins error lines."""
    import tomllib

    try:
        text = content.decode("utf-8-sig")
        tables = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: must be UTF-8 text, but byte {error.start} is not") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"{path}: not valid TOML: {str(error) or 'nested too deeply'}") from error
    found: dict[str, dict[str, Any]] = {name: {} for name in SECTIONS}
    for section, values in tables.items():
        where = f"{path}:{_line(text, section)}"
        if section not in SECTIONS:
            raise ConfigError(f"{where}: unknown section [{section}]; {suggest(section, SECTIONS)}")
        if not isinstance(values, dict):
            raise ConfigError(f"{where}: {section} must be a section, written [{section}]")
        for name, value in values.items():
            line = f"{path}:{_line(text, section, name)}: [{section}]"
            found[section][name] = getattr(from_mapping(SECTIONS[section], {name: value}, line), name)
    return Config(ChatSettings(**found["chat"]), found["decoding"])


def _line(text: str, section: str, name: str | None = None) -> int:
    """The line a section, or a setting in it, is written on; 1 where it is spelled too oddly to be found."""
    inside, start = False, 1
    for number, line in enumerate(text.splitlines(), start=1):
        if opened := re.match(r"\s*\[\s*\"?([\w.-]+)", line):
            inside = opened[1] == section
            start = number if inside else start
        wanted = name if inside else section
        if inside and name is None:
            return number
        if wanted and re.match(rf"\s*[\"']?{re.escape(wanted)}[\"']?\s*[.=]", line):
            return number
    return start


def annotated_config() -> str:
    """A config.toml in which every setting is explained and commented out."""
    import json

    from chatbot.settings import expected

    lines = ["# Settings of chatbot. Remove the '#' before a setting to use it."]
    lines += ["# Options and environment variables (CHATBOT_MODEL, CHATBOT_BEAM_SIZE, ...) come before this file."]
    for section, cls in SECTIONS.items():
        lines += ["", f"[{section}]"]
        for name, one in fields_of(cls).items():
            bounds = f" ({expected(cls, name).removesuffix(' or none')})" if type_of(cls, name) is not str else ""
            example = _EXAMPLES.get(name, json.dumps(one.default))
            lines += [f"# {one.metadata['help']}{bounds}", f"# {name} = {example}"]
    return "\n".join(lines) + "\n"
