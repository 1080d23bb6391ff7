"""Files of scripted dialogues -> suites. Every error is one line with file and line.

`*.dialogue.yaml` and `.yml` hold one dialogue (`turns`) or many (`dialogues`); `*.dialogue.txt` is two columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from chatbot.errors import ScriptError
from chatbot.scripts.columns import read_columns
from chatbot.scripts.dialogues import Files, read_dialogues
from chatbot.scripts.nodes import MOST_BYTES, parse_yaml
from chatbot.scripts.script import Dialogue, Suite
from chatbot.terminal import one_line

MOST_INCLUDED = 100  # files, by one script
ENDINGS = (".dialogue.yaml", ".dialogue.yml", ".dialogue.txt")


def script_files(paths: Iterable[Path]) -> Iterator[Path]:
    """The scripts among these files and in these folders and all folders in them, each once, those of a folder by name.

    A file that is named is a script whatever its name. `ScriptError` where a path is not there or a folder holds none.
    """
    seen = set()
    for path in paths:
        if path.is_dir():
            found = sorted(f for f in path.rglob("*.dialogue.*") if f.name.endswith(ENDINGS) and f.is_file())
            if not found:
                raise ScriptError(f"{path}: holds no script; its name ends in {' or '.join(ENDINGS)}")
        elif path.exists():
            found = [path]
        else:
            raise ScriptError(f"{path}: no such file or folder")
        for file in found:
            if (place := file.resolve()) not in seen:
                seen.add(place)
                yield file


def read_script(path: Path) -> Suite:
    """The dialogues of one file, those it includes among them; `ScriptError` with the line of the first mistake."""
    suite = Suite(path, tuple(_Files(path).dialogues_of(path)))
    names: dict[str, Dialogue] = {}
    for dialogue in suite.dialogues:
        if first := names.get(dialogue.name):
            shown = one_line(dialogue.name)
            raise ScriptError(f"{dialogue.where}: the name {shown!r} is taken, by the dialogue at {first.where}")
        names[dialogue.name] = dialogue
    if not suite.dialogues:
        raise ScriptError(f"{path}:1: holds no dialogue; write 'turns:' and under it '- user: hello'")
    return suite


class _Files(Files):
    """Reads a script and what it includes: files of its own folder and below, none of them in a circle."""

    def __init__(self, first: Path) -> None:
        self.folder = first.parent.resolve()
        self.open: list[Path] = []  # those being read, each included by the one before
        self.read = 0  # files, those read twice counted twice

    def dialogues_of(self, path: Path) -> list[Dialogue]:
        """The dialogues of a file."""
        self.open.append(path.resolve())
        try:
            text = _content(path)
            if path.suffix == ".txt":
                return read_columns(text.splitlines(), path)
            return list(read_dialogues(parse_yaml(text, path), self))
        finally:
            self.open.pop()

    def included(self, named: str, by: Path, where: str) -> list[Dialogue]:
        """The dialogues of a file that `by` names, relative to itself."""
        path = by.parent / named
        shown = one_line(named)
        if Path(named).is_absolute() or not path.resolve().is_relative_to(self.folder):
            raise ScriptError(f"{where}: cannot include {shown!r}: only files in {self.folder} and below can be")
        if not path.is_file():
            raise ScriptError(f"{where}: cannot include {shown!r}: no such file")
        self.read += 1
        if self.read > MOST_INCLUDED:
            raise ScriptError(f"{where}: cannot include {shown!r}: {MOST_INCLUDED} files were included before it")
        if path.resolve() in self.open:
            raise ScriptError(f"{where}: cannot include {shown!r}: it includes this file")
        return self.dialogues_of(path)


def _content(path: Path) -> str:
    if path.exists() and not path.is_file():
        raise ScriptError(f"{path}:1: cannot be read: it is no file")
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise ScriptError(f"{path}:1: cannot be read: {error.strerror or error}") from error
    if len(content) > MOST_BYTES:
        raise ScriptError(f"{path}:1: is larger than {MOST_BYTES:,} bytes, the most that is read; split it")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ScriptError(f"{path}:{line}: must be UTF-8 text, but byte {error.start} is not") from error
