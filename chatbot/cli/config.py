"""`chatbot config`: what the settings are, where each comes from, and an annotated config.toml to start with."""

from __future__ import annotations

import os
import re
from typing import Any

import click

from chatbot.cli.group import Group
from chatbot.cli.options import json_option


@click.group(cls=Group)
def command() -> None:
    """Show the settings and where they come from."""


@command.command()
@json_option
def show(as_json: bool) -> None:
    """Print every setting, its value and its source.

    A setting comes from an option, else from the environment, else from config.toml, else from the model's own default.
    """
    from chatbot.cli.output import print_json
    from chatbot.home import config_path
    from chatbot.terminal import one_line

    found = settings_in_force()
    if as_json:
        print_json({"path": str(config_path()), "settings": found})
        return
    for section, settings in found.items():
        click.echo(f"[{section}]")
        for name, one in settings.items():
            value = one_line(shown(section, name, one))
            click.echo(f"{name:19} {value:16} {one_line(one['source'])}")


def shown(section: str, name: str, setting: dict[str, Any]) -> str:
    """A setting's value in words; what no one set, the model or its user decides."""
    if setting["source"] == "default" and setting["value"] is None and name != "models_index":
        return "the model's own" if section == "decoding" else "the default one"
    return "none" if setting["value"] is None else str(setting["value"])


def settings_in_force() -> dict[str, dict[str, dict[str, Any]]]:
    """Section -> setting -> {"value", "source"}; the value is None where the model decides."""
    from chatbot.home import SECTIONS, config_path, history_url, load_config
    from chatbot.settings import fields_of, from_text

    config = load_config()
    written: dict[str, dict[str, Any]] = {"decoding": config.decoding, "chat": {}}
    written["chat"] = {
        n: v for n, one in fields_of(type(config.chat)).items() if (v := getattr(config.chat, n)) != one.default
    }
    default_of = {"decoding": {}, "chat": {n: one.default for n, one in fields_of(type(config.chat)).items()}}
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for section, cls in SECTIONS.items():
        found[section] = {}
        for name in fields_of(cls):
            variable = f"CHATBOT_{name.upper()}"
            if os.environ.get(variable):
                value, source = from_text(cls, name, os.environ[variable], variable), variable
            elif name in written[section]:
                value, source = written[section][name], str(config_path())
            else:
                value, source = default_of[section].get(name), "default"
            found[section][name] = {"value": value, "source": source}
    database = found["chat"]["database"]
    database["value"] = re.sub(r"(://[^:/@]+):[^@/]+@", r"\1:***@", history_url())
    return found


@command.command()
def path() -> None:
    """Print where config.toml is read from, whether or not it exists."""
    from chatbot.home import config_path
    from chatbot.terminal import one_line

    click.echo(one_line(str(config_path())))


@command.command()
def init() -> None:
    """Write a config.toml with every setting explained and commented out; an existing one is kept."""
    from chatbot.errors import ConfigError
    from chatbot.files import write_atomically
    from chatbot.home import annotated_config, config_path
    from chatbot.terminal import one_line

    path = config_path()
    if path.exists():
        raise ConfigError(f"{path}: exists already and is kept; remove it first to start anew")
    write_atomically(path, annotated_config().encode(), mode=0o600)
    click.echo(f"wrote {one_line(str(path))}")
