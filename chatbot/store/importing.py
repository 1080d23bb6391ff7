"""A file that `chatbot history export --as jsonl` wrote -> conversations in a history, each once."""

from __future__ import annotations

import contextlib
import gzip
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from chatbot.errors import StoreError
from chatbot.store import schema
from chatbot.store.checking import checked_record, stamp_of
from chatbot.store.exporting import ABOUT, MODEL, RECEIPT
from chatbot.store.history import History, inserted

LONGEST_LINE = 64 << 20  # bytes


@dataclass(slots=True)
class Imported:
    """What came of a file: numbers of the conversations added, how many were here already, a line for each bad line."""

    added: list[int] = field(default_factory=list)
    known: int = 0
    errors: list[str] = field(default_factory=list)

    @property
    def summary(self) -> str:
        """One line about it."""
        added = f"{len(self.added)} conversation{'s' if len(self.added) != 1 else ''} added"
        known = f", {self.known} here already" if self.known else ""
        return (
            added
            + known
            + (f", {len(self.errors)} bad line{'s' if len(self.errors) != 1 else ''} left out" if self.errors else "")
        )


def import_file(history: History, path: Path, strict: bool = False) -> Imported:
    """Add the conversations of a file that are not here yet; bad lines are left out and reported.

    `strict` adds nothing at all where a line is bad: `StoreError`. Also raised where the file cannot be read.
    """
    if strict:
        for where, line in _lines(path):
            checked_record(line, where)
    outcome = Imported()
    for where, line in _lines(path):
        try:
            record = checked_record(line, where)
        except StoreError as error:
            outcome.errors.append(str(error))
            continue
        number = import_record(history, record)
        if number is None:
            outcome.known += 1
        else:
            outcome.added.append(number)
    return outcome


def import_record(history: History, record: dict[str, Any]) -> int | None:
    """Add a checked conversation; its number, None where it is here already."""
    with history.write() as connection:
        column = schema.conversation.c.uid
        if connection.scalar(select(column).where(column == record["uid"])) is not None:
            return None
        _add_models(connection, record["models"])
        values = {name: record[name] for name in ("uid", "title", "fingerprint")}
        times = {name: stamp_of(record[name]) for name in ("created_at", "updated_at")}
        number = inserted(connection, schema.conversation, {**values, **times})
        turns, replies = _add_turns(connection, number, record["turns"])
        leaf = record["leaf"]
        at = {"leaf_turn_id": _at(turns, leaf["turn"]), "leaf_reply_id": _at(replies, leaf["reply"])}
        connection.execute(update(schema.conversation).where(schema.conversation.c.id == number).values(at))
        for one in record["annotations"]:
            refers = {"turn_id": _at(turns, one["turn"]), "reply_id": _at(replies, one["reply"])}
            values = {name: one[name] for name in ABOUT}
            values["created_at"] = stamp_of(one["created_at"])
            inserted(connection, schema.annotation, {"conversation_id": number, **refers, **values})
        return number


def _add_models(connection: Connection, models: list[dict[str, Any]]) -> None:
    column = schema.model.c.fingerprint
    for model in models:
        if connection.scalar(select(column).where(column == model["fingerprint"])) is None:
            values = {name: model[name] for name in MODEL}
            values["first_seen"] = stamp_of(model["first_seen"])
            with contextlib.suppress(IntegrityError), connection.begin_nested():  # another process may be faster
                connection.execute(insert(schema.model).values(values))


def _add_turns(connection: Connection, number: int, said: list[dict[str, Any]]) -> tuple[list[int], list[int]]:
    """The new numbers of the turns and of the replies, in their order."""
    turns: list[int] = []
    replies: list[int] = []
    for turn in said:
        values = {"parent_reply_id": _at(replies, turn["parent_reply"]), "text": turn["text"]}
        values["created_at"] = stamp_of(turn["created_at"])
        turns.append(inserted(connection, schema.turn, {"conversation_id": number, **values}))
        for reply in turn["replies"]:
            receipt = {name: reply[name] for name in RECEIPT}
            values = {"turn_id": turns[-1], **receipt, "created_at": stamp_of(reply["created_at"])}
            replies.append(inserted(connection, schema.reply, values))
    return turns, replies


def _at(numbers: list[int], place: int | None) -> int | None:
    return numbers[place - 1] if place else None


def _lines(path: Path) -> Iterator[tuple[str, bytes]]:
    """Each line that is not blank, with "file:line"."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            number = 0
            while line := file.readline(LONGEST_LINE):
                number += 1
                if len(line) == LONGEST_LINE:
                    raise StoreError(f"{path}:{number}: a line of over {LONGEST_LINE:,} bytes; this is no export")
                if line.strip():
                    yield f"{path}:{number}", line
    except (OSError, EOFError) as error:
        reason = getattr(error, "strerror", None) or str(error) or "ends too early"
        raise StoreError(f"{path}: cannot be read: {reason}") from error
