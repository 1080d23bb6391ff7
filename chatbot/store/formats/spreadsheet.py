"""Conversations <-> CSV: a row for each turn, reply and annotation of all branches; receipts are left out.

A cell that a spreadsheet would take for a formula begins with an apostrophe, which is taken away again on the way in
(OWASP, "CSV Injection"); an apostrophe that was there before such a character gets another one.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import Any

from chatbot.errors import StoreError
from chatbot.store.formats.records import ABOUT, FORMAT, RECEIPT, conversation_record
from chatbot.store.history import History
from chatbot.terminal import visible

COLUMNS = ("uid", "title", "kind", "number", "parent", "stands", "text", "time", "model", "seconds", "complete")
LONGEST_CELL = 64 << 20  # characters

_FORMULA = re.compile(r"'*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")
_OF_WHOLE = "conversation"


def spreadsheet(history: History, numbers: Sequence[int], bare: bool = False) -> Iterator[str]:
    """Lines of CSV; `number` counts turns and replies from 1, and `parent` is what a row follows or is about."""
    yield ",".join(COLUMNS)
    for number in numbers:
        record = conversation_record(history, number)
        standing = _standing(record)
        for row in _rows(record):
            line = io.StringIO()

            cells = {**row, "stands": "yes" if (row["kind"], row.get("number")) in standing else ""}
            csv.writer(line).writerow([_safe(cells.get(name)) for name in COLUMNS])
            yield line.getvalue().removesuffix("\r\n")


def _rows(record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    same = {"uid": record["uid"], "title": record["title"]}
    names = {model["fingerprint"]: model["name"] for model in record["models"]}
    yield {**same, "kind": _OF_WHOLE, "time": record["created_at"], "text": record["updated_at"]}
    replied = 0
    for number, turn in enumerate(record["turns"], start=1):
        after = f"reply {turn['parent_reply']}" if turn["parent_reply"] else ""
        row = {**same, "kind": "turn", "number": number, "parent": after}
        yield {**row, "text": turn["text"], "time": turn["created_at"]}
        for reply in turn["replies"]:
            replied += 1
            row = {**same, "kind": "reply", "number": replied, "parent": f"turn {number}", "text": reply["text"]}
            row |= {"time": reply["created_at"], "model": names.get(reply["fingerprint"], "")}
            yield {**row, "seconds": reply["seconds"], "complete": "yes" if reply["complete"] else "no"}
    for one in record["annotations"]:
        about = next((f"{what} {one[what]}" for what in ("reply", "turn") if one[what]), "")
        yield {**same, "kind": one["kind"], "parent": about, "text": one["text"], "time": one["created_at"]}


def _standing(record: dict[str, Any]) -> set[tuple[str, int]]:
    """The turns and replies of the branch that stands."""
    turn_of: dict[int | None, int] = {}
    for number, turn in enumerate(record["turns"], start=1):
        turn_of |= {len(turn_of) + place: number for place, _ in enumerate(turn["replies"], start=1)}
    turn, reply, found = record["leaf"]["turn"], record["leaf"]["reply"], set()
    while turn and ("turn", turn) not in found:
        found |= {("turn", turn), ("reply", reply)}
        reply = record["turns"][turn - 1]["parent_reply"]
        turn = turn_of.get(reply)
    return {(kind, number) for kind, number in found if number}


def _safe(value: Any) -> str:
    """A cell that no spreadsheet runs and no terminal obeys."""
    text = "" if value is None else visible(str(value), keep_newlines=True)
    return "'" + text if _FORMULA.match(text) else text


def _original(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def records(content: str) -> Iterator[tuple[int, dict[str, Any] | StoreError]]:
    """The number of a line and the record of the conversation that begins there, or what is wrong with it."""
    csv.field_size_limit(LONGEST_CELL)
    lines = csv.reader(io.StringIO(content, newline=""), strict=True)
    begun = 0
    rows: list[dict[str, str]] = []
    try:
        names = next(lines, [])
        if missing := [name for name in COLUMNS if name not in names]:
            raise StoreError(f"the column {missing[0]!r} is missing; expected {', '.join(COLUMNS)}")
        for cells in lines:
            row = dict(zip(names, map(_original, cells), strict=False))
            if rows and row.get("uid") != rows[0].get("uid"):
                yield begun, _assembled(rows)
                rows = []
            begun = begun if rows else lines.line_num
            rows += [row] if cells else []
    except (csv.Error, StoreError) as error:
        yield lines.line_num, error if isinstance(error, StoreError) else StoreError(f"not CSV ({error})")
    if rows:
        yield begun, _assembled(rows)


def _assembled(rows: list[dict[str, str]]) -> dict[str, Any] | StoreError:
    """The record of a conversation's rows; what is wrong in it is found when the record is checked."""
    first = rows[0]
    record: dict[str, Any] = {
        "format": FORMAT,
        "uid": first.get("uid"),
        "title": first.get("title"),
        "fingerprint": None,
    }
    record |= {"models": [], "turns": [], "annotations": [], "leaf": {"turn": None, "reply": None}}
    for row in rows:
        try:
            _add(record, row)
        except (ValueError, KeyError, IndexError) as error:
            return StoreError(
                f"a row of kind {row.get('kind', '')[:20]!r} does not fit what stands before it ({error})"
            )
    return record


def _add(record: dict[str, Any], row: dict[str, str]) -> None:
    kind, time, what, number = row["kind"], row["time"], *[*row["parent"].split(" "), ""][:2]
    if kind == _OF_WHOLE:
        record |= {"created_at": time, "updated_at": row["text"] or time}
    elif kind == "turn":
        parent = int(number) if what == "reply" else None
        record["turns"].append({"parent_reply": parent, "text": row["text"], "created_at": time, "replies": []})
    elif kind == "reply":
        said = {"text": row["text"], "complete": row["complete"] != "no", "created_at": time}
        said["seconds"] = float(row["seconds"]) if row["seconds"] else None
        record["turns"][int(number) - 1]["replies"].append({**dict.fromkeys(RECEIPT), **said})
    else:
        about = {"turn": None, "reply": None} | ({what: int(number)} if what in ("turn", "reply") else {})
        text = row["text"] or None
        record["annotations"].append({**dict.fromkeys(ABOUT), **about, "kind": kind, "text": text, "created_at": time})
    if row["stands"] == "yes":
        record["leaf"][kind] = int(row["number"])
        if kind == "turn":
            record["leaf"]["reply"] = None
