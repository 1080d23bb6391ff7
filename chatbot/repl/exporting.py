"""Commands between conversations and files: /save, /export and /import."""

from __future__ import annotations

import os
from pathlib import Path

from chatbot.errors import UsageError
from chatbot.repl.behind import changing, noted
from chatbot.repl.commands import Choices, Command
from chatbot.repl.recording import history_of, no_history, not_recorded
from chatbot.repl.talk import Shown, Talk
from chatbot.repl.view import View

MOST_ERRORS = 5  # bad lines that are shown
MOST_FILES = 100  # that completion lists


def _save(talk: Talk, text: str) -> Shown:
    return _write(talk, text, "save", "text")


def _export(talk: Talk, text: str) -> Shown:
    from chatbot.store.exporting import format_of

    return _write(talk, text, "export", format_of(_path(text, "export")))


def _write(talk: Talk, text: str, command: str, kind: str) -> Shown:
    from chatbot.store.exporting import write_export

    path = _path(text, command)
    assert talk.number is not None
    write_export(history_of(talk), [talk.number], kind, path, overwrite=False)
    return noted(f"Wrote {path}")


def _import(talk: Talk, text: str) -> Shown:
    from chatbot.store.importing import import_file

    outcome = import_file(history_of(talk), _path(text, "import"))

    def show(view: View) -> None:
        view.note(outcome.summary)
        for line in outcome.errors[:MOST_ERRORS]:
            view.error(line)
        if (more := len(outcome.errors) - MOST_ERRORS) > 0:
            view.error(f"and {more} more lines that were left out")

    return show


def _path(text: str, command: str) -> Path:
    if not text:
        raise UsageError(f"/{command} needs the name of a file: /{command} FILE")
    return Path(text).expanduser().absolute()


def _path_choices(talk: Talk, words: list[str]) -> Choices:
    """Files and folders that begin with what was typed; those with a space in their name are left out."""
    if len(words) != 1:
        return ()
    typed, _, _ = words[0].rpartition("/")
    folder = Path(f"{typed}/" if "/" in words[0] else ".").expanduser()
    with os.scandir(folder) as entries:
        found = sorted((entry.name, entry.is_dir()) for entry in entries if " " not in entry.name)
    hidden = words[0].rpartition("/")[2].startswith(".")
    start = f"{typed}/" if "/" in words[0] else ""
    shown = [one for one in found if hidden or not one[0].startswith(".")][:MOST_FILES]
    return [(f"{start}{name}/", "a folder") if folder else (start + name, "") for name, folder in shown]


SAVE = Command("save", "FILE", "write this conversation as text", changing(_save), not_recorded, _path_choices)
EXPORT = Command(
    "export", "FILE", "write all of it, to be imported elsewhere", changing(_export), not_recorded, _path_choices
)
IMPORT = Command(
    "import", "FILE", "add the conversations of an exported file", changing(_import), no_history, _path_choices
)
