"""A checked record -> rows, in a transaction that is open; a conversation that is here already is left as it is."""

from __future__ import annotations

import contextlib
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from chatbot.store import schema
from chatbot.store.fields import stamp_of
from chatbot.store.formats.records import ABOUT, MODEL, RECEIPT
from chatbot.store.history import inserted


def add_record(connection: Connection, record: dict[str, Any]) -> int | None:
    """Add a checked conversation; its number, None where it is here already."""
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
