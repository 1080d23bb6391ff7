"""A table: command -> modules that must not be imported on its way, each in a fresh interpreter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TRAINING = ("tensorflow", "keras", "matplotlib")
FOREIGN = (*TRAINING, "torch", "jax", "hypothesis", "pytest")
STORE = ("sqlalchemy.orm", "alembic")  # Core alone; alembic only where a database must be made or upgraded
SCRIPTS = ("ruamel", "re2")  # for `chatbot test` alone
WORK = ("numpy", "prompt_toolkit", "sqlalchemy", "rich", "sentencepiece", "safetensors", *SCRIPTS)

TABLE = {
    "--help": (*FOREIGN, *STORE, *WORK),
    "--version": (*FOREIGN, *STORE, *WORK),
    "nonsense": (*FOREIGN, *STORE, *WORK),
    "train --help": (*FOREIGN, *STORE, *WORK),
    "translate --help": (*FOREIGN, *STORE, *WORK),
    "generate --help": (*FOREIGN, *STORE, *WORK),
    "models pull --help": (*FOREIGN, *STORE, *WORK),
    "test --help": (*FOREIGN, *STORE, *WORK, "ruamel", "re2"),
    "replay --help": (*FOREIGN, *STORE, *WORK),
    "chat --help": (*FOREIGN, *STORE, *WORK),
    "config show": (*FOREIGN, *STORE, *WORK),
    "db path": (*FOREIGN, *STORE, *WORK),
    "history list": (*FOREIGN, *STORE, *SCRIPTS, "numpy", "prompt_toolkit", "sentencepiece", "safetensors"),
    "history search hello": (*FOREIGN, *STORE, *SCRIPTS, "numpy", "prompt_toolkit", "sentencepiece", "safetensors"),
    "history stats": (*FOREIGN, *STORE, *SCRIPTS, "numpy", "prompt_toolkit", "sentencepiece", "safetensors"),
    "history export": (*FOREIGN, *STORE, *SCRIPTS, "numpy", "prompt_toolkit", "sentencepiece", "safetensors"),
    "models list": (*FOREIGN, *STORE, *SCRIPTS, "prompt_toolkit", "sqlalchemy", "sentencepiece"),
    "reply hello": (*FOREIGN, *STORE, *SCRIPTS, "prompt_toolkit", "rich"),
    "chat": (*FOREIGN, *STORE, *SCRIPTS, "prompt_toolkit", "rich"),
}

PROBE = """
import json, sys
from chatbot.cli.main import main
code = main(sys.argv[2:])
with open(sys.argv[1], "w") as file:
    json.dump(sorted(sys.modules), file)
sys.exit(code)
"""


def modules_of(command: str, folder: Path, home: Path, model: Path) -> set[str]:
    """Every module that `chatbot COMMAND` had imported when it ended; a line is typed if it reads any."""
    report = folder / "modules.json"
    result = subprocess.run(
        [sys.executable, "-c", PROBE, str(report), *command.split()],
        input="hello\n",
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=folder,
        env={**os.environ, "CHATBOT_HOME": str(home), "CHATBOT_MODEL": str(model)},
        check=False,
        timeout=60,
    )
    assert result.returncode == (2 if command == "nonsense" else 0), result.stderr
    return set(json.loads(report.read_text()))


@pytest.fixture(scope="module")
def used_home(tmp_path_factory: pytest.TempPathFactory, tiny_bundle: Path) -> Path:
    """A home whose database has been made: alembic is needed once, and never again."""
    folder = tmp_path_factory.mktemp("used")
    home = folder / "home"
    assert "alembic" in modules_of("chat", folder, home, tiny_bundle)
    return home


@pytest.mark.parametrize("command", TABLE)
def test_command_is_light(command: str, tmp_path: Path, used_home: Path, tiny_bundle: Path) -> None:
    imported = modules_of(command, tmp_path, used_home, tiny_bundle)
    assert sorted(imported & set(TABLE[command])) == []
