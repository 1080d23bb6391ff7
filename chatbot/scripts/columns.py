"""The plainest script, in two columns: `> hello` is said, `< Hi there.` must be answered, `<` may be anything.

An empty line begins another dialogue; a line that starts with # is a remark.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from chatbot.errors import ScriptError
from chatbot.scripts.script import Dialogue, Expectation, ScriptTurn
from chatbot.terminal import one_line


def read_columns(lines: Sequence[str], path: Path, first: int = 1) -> list[Dialogue]:
    """The dialogues of these lines, the first of which is line number `first` of the file."""
    found: list[list[ScriptTurn]] = [[]]
    for number, line in enumerate(map(str.strip, lines), start=first):
        if not line:
            found.append([])
        elif line.startswith(">"):
            found[-1].append(ScriptTurn(_plain(line), number, path))
        elif line.startswith("<") and found[-1] and not found[-1][-1].expectations:
            expected = Expectation("reply", False, (_plain(line),), number)
            found[-1][-1] = replace(found[-1][-1], expectations=(expected,) if _plain(line) else ())
        elif not line.startswith("#"):
            what = "a reply without a line '> ...' before it" if line.startswith("<") else repr(one_line(line[:40]))
            raise ScriptError(f"{path}:{number}: expected '> what is said' or '< what is answered', but found {what}")
    dialogues = [turns for turns in found if turns]
    stem = path.name.split(".")[0] or path.name
    names = [stem] if len(dialogues) == 1 else [f"{stem} {number}" for number in range(1, len(dialogues) + 1)]
    return [Dialogue(name, path, turns[0].line, tuple(turns)) for name, turns in zip(names, dialogues, strict=True)]


def _plain(line: str) -> str:
    """What stands after the mark; a dollar sign is one."""
    return line[1:].strip().replace("$", "$$")
