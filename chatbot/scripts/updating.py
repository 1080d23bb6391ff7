"""What was said -> written into the scripts, where it differs from what they expect; all else in them stays as it is.

A reply that a dialogue without samples expects letter for letter is replaced; below any other expectation that does not
hold a remark `# got: ...` is put, and one that stood there before goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from chatbot.errors import ScriptError
from chatbot.files import write_atomically
from chatbot.scripts.nodes import Node, parse_yaml
from chatbot.scripts.places import places, spelled
from chatbot.scripts.results import Checked, Report
from chatbot.terminal import one_line

_REMARK = re.compile(r"[ \t]*# got: [^\n]*\n?")
_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Finding:
    """What an expectation came to, and whether its text can be replaced by what was said."""

    checked: Checked
    replaceable: bool


Findings = dict[tuple[int, str], list[Finding]]
"""Of one file, by the line and the name of the expectation; many where the file is included more than once."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A span of a text and what comes in its place; `replaced` counts values that change."""

    start: int
    end: int
    text: str
    replaced: int = 0


def update_scripts(report: Report) -> list[tuple[Path, int]]:
    """Rewrite the scripts of a report; each one that changed, with the number of places.

    `ScriptError` where a file cannot be written, or was changed since it was read.
    """
    files: dict[Path, Findings] = {}
    for result in report.results:
        for turn in result.turns:
            for original, checked in zip(turn.turn.expectations, turn.checked, strict=False):
                plain = original.name == "reply" and not original.negated and checked.samples == 1
                replaceable = plain and len(original.argument) == 1 and not _variable(original.argument[0])
                key = (checked.expectation.line, checked.expectation.spelled)
                files.setdefault(turn.turn.path, {}).setdefault(key, []).append(Finding(checked, replaceable))
    changed = [(path, _update(path, findings)) for path, findings in files.items()]
    return [(path, count) for path, count in changed if count]


def _variable(text: str) -> bool:
    return "$" in text.replace("$$", "")


def _update(path: Path, findings: Findings) -> int:
    try:
        before = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScriptError(f"{path}: cannot be updated: {error}") from None
    text = before.removeprefix(_BOM)
    yaml = path.suffix != ".txt"
    edits = list(_in_yaml(text, findings) if yaml else _in_columns(text, findings))
    after = text
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end), reverse=True):
        after = after[: edit.start] + edit.text + after[edit.end :]
    if after == text:
        return 0
    if yaml and _differences(parse_yaml(text, path), parse_yaml(after, path)) > sum(edit.replaced for edit in edits):
        raise ScriptError(f"{path}: cannot be updated without changing more than what was said; edit it by hand")
    write_atomically(path, before[: len(before) - len(text)].encode() + after.encode(), path.stat().st_mode & 0o777)
    return len(edits)


def _in_yaml(text: str, findings: Findings) -> Iterator[Edit]:
    known = {(place.line, place.key): place for place in places(text)}
    remarks: dict[int, list[str]] = {}  # where remarks may stand after what was checked -> those that should
    columns: Findings = {}
    for key, found in findings.items():
        if key not in known:
            columns[key] = found  # of a transcript within the file
            continue
        place = known[key]
        wanted = remarks.setdefault(place.remark, [])
        broken = [one.checked for one in found if not one.checked.ok]
        said = {checked.said for checked in broken}
        if broken and len(said) == 1 and place.style in ("", "'", '"') and all(one.replaceable for one in found):
            yield Edit(place.start, place.end, spelled(said.pop().replace("$", "$$"), place), 1)
        else:
            wanted += [f"{place.indent}# got: {_got(checked)}" for checked in broken[:1]]
    yield from (edit for place, lines in remarks.items() if (edit := _remarked(text, place, lines)))
    yield from _in_columns(text, columns)


def _remarked(text: str, place: int, wanted: list[str]) -> Edit | None:
    """What to change so that these remarks, each once, stand at a place, and no older ones."""
    end = place
    while old := _REMARK.match(text, end):
        end = old.end()
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = "".join(line + newline for line in dict.fromkeys(wanted))
    if lines and end == len(text) and not text.endswith("\n"):  # the last line has no end, and shall have none
        lines = (newline if text[place - 1] != "\n" else "") + lines.removesuffix(newline)
    return Edit(place, end, lines) if lines != text[place:end] else None


def _in_columns(text: str, findings: Findings) -> Iterator[Edit]:
    lines = text.splitlines(keepends=True)
    for (number, _), found in findings.items():
        line, start = lines[number - 1], sum(map(len, lines[: number - 1]))
        broken = [one.checked for one in found if not one.checked.ok]
        if broken and line.lstrip().startswith("<"):
            ending = line[len(line.rstrip("\r\n")) :]
            yield Edit(start + line.index("<"), start + len(line), f"< {one_line(broken[0].said)}{ending}", 1)


def _got(checked: Checked) -> str:
    said = one_line(checked.said) or '""'
    return said if checked.samples == 1 else f"{said} (held in {checked.passed} of {checked.samples} samples)"


def _differences(before: Node, after: Node) -> int:
    """How many values of two documents differ; all, where their shape does."""
    one, other = list(_leaves(before)), list(_leaves(after))
    return sum(a != b for a, b in zip(one, other, strict=True)) if len(one) == len(other) else len(one) + 1


def _leaves(node: Node) -> Iterator[object]:
    if isinstance(node.value, list):
        for item in node.value:
            yield from _leaves(item)
    elif isinstance(node.value, dict):
        for name, value in node.value.items():
            yield name
            yield from _leaves(value)
    else:
        yield node.value
