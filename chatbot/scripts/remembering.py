"""Which dialogues broke when they ran last, for `--failed`: a small JSON file in the user's folder."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable
from pathlib import Path

from chatbot.errors import ConfigError
from chatbot.files import write_atomically
from chatbot.home import home
from chatbot.scripts.results import ERROR, FAILED, SKIPPED, DialogueResult
from chatbot.scripts.script import Dialogue

Key = tuple[str, str]  # the file, as an absolute path, and the dialogue's name
MOST = 10_000  # that are remembered


def key_of(dialogue: Dialogue) -> Key:
    """What a dialogue is remembered by."""
    return str(dialogue.path.resolve()), dialogue.name


def remembered() -> set[Key]:
    """The dialogues that broke; none where nothing is remembered, or the file is not what was written."""
    try:
        found = json.loads(_file().read_text(encoding="utf-8"))["failed"]
        return {(str(path), str(name)) for path, name in found}
    except (OSError, ConfigError, ValueError, KeyError, TypeError):
        return set()


def remember(results: Iterable[DialogueResult]) -> None:
    """Remember those that broke, and forget those that did not; what did not run stays as it was."""
    ran = [one for one in results if one.status != SKIPPED]
    broken = {key_of(one.dialogue) for one in ran if one.status in (FAILED, ERROR)}
    kept = sorted((remembered() - {key_of(one.dialogue) for one in ran}) | broken)[:MOST]
    with contextlib.suppress(OSError, ConfigError):  # a home that cannot be written costs the memory, not the run
        write_atomically(_file(), json.dumps({"failed": kept}, indent=1).encode(), mode=0o600)


def _file() -> Path:
    return home() / "failed-dialogues.json"
