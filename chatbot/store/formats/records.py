"""A conversation -> a record that loses nothing; `chatbot history export --as jsonl` writes one on each line.

`conversation.schema.json` beside this file says the same to programs. A record holds one conversation, all branches of
it. Turns and replies are numbered from 1 in the order they were said, so that a conversation gives the same record
wherever it is kept:

    format        "chatbot conversation 1"
    uid           the same wherever the conversation is imported to, 32 hexadecimal digits
    title, created_at, updated_at      times are ISO 8601 in UTC, to the microsecond
    fingerprint   of the model that replied first, or null
    leaf          {"turn", "reply"}: where the branch that stands ends; null, null where all was undone
    models        [{"fingerprint", "name", "task", "config", "first_seen"}] of all replies
    turns         [{"parent_reply", "text", "created_at", "replies"}], a reply being its whole receipt (or nulls)
    annotations   [{"turn", "reply", "kind", "text", "data", "fingerprint", "settings", "created_at"}]; where turn and
                  reply are null, of the whole conversation; fingerprint and settings are of the model that made it

Since revision 0003 of the database a reply has "parts" and "reverse_fingerprint", an alternative may have "parts", and
an annotation has "fingerprint" and "settings"; a line without them is read as if they were null.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, select

from chatbot.store import schema
from chatbot.store.history import History
from chatbot.store.rows import moment
from chatbot.terminal import replace_unsafe

FORMAT = "chatbot conversation 1"
RECEIPT = tuple(column.name for column in schema.reply.columns if column.name not in ("id", "turn_id", "created_at"))
ABOUT = ("kind", "text", "data", "fingerprint", "settings")
MODEL = ("fingerprint", "name", "task", "config")


def record_lines(history: History, numbers: Sequence[int], bare: bool = False) -> Iterator[str]:
    """Lines of JSON, one a conversation."""
    for number in numbers:
        yield dumped(conversation_record(history, number))


def dumped(value: Any) -> str:
    """JSON on one line; what is unsafe for a terminal is escaped as JSON does."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return replace_unsafe(text, lambda c: json.dumps(c)[1:-1])


def conversation_record(history: History, number: int) -> dict[str, Any]:
    """What a line of JSON holds; `StoreError` where there is no conversation of this number."""
    with history.read() as connection:
        history.exists(connection, number)
        rows = schema.conversation
        conversation = connection.execute(select(rows).where(rows.c.id == number)).mappings().one()
        return _record(connection, conversation)


def _record(connection: Connection, conversation: RowMapping) -> dict[str, Any]:
    number = conversation["id"]
    turns = _rows(connection, schema.turn, number)
    replies = defaultdict(list)
    for reply in _replies(connection, number):
        replies[reply["turn_id"]].append(reply)
    said = {turn["id"]: place for place, turn in enumerate(turns, start=1)}
    ordered = [reply for turn in turns for reply in replies[turn["id"]]]
    replied = {reply["id"]: place for place, reply in enumerate(ordered, start=1)}
    return {
        "format": FORMAT,
        **{name: conversation[name] for name in ("uid", "title")},
        **{name: moment(conversation[name]).isoformat() for name in ("created_at", "updated_at")},
        "fingerprint": conversation["fingerprint"],
        "leaf": {
            "turn": said.get(conversation["leaf_turn_id"]),
            "reply": replied.get(conversation["leaf_reply_id"]),
        },
        "models": _models(connection, {conversation["fingerprint"], *(reply["fingerprint"] for reply in ordered)}),
        "turns": [
            {
                "parent_reply": replied.get(turn["parent_reply_id"]),
                "text": turn["text"],
                "created_at": moment(turn["created_at"]).isoformat(),
                "replies": [_receipt(reply) for reply in replies[turn["id"]]],
            }
            for turn in turns
        ],
        "annotations": [
            {
                "turn": said.get(one["turn_id"]),
                "reply": replied.get(one["reply_id"]),
                **{name: one[name] for name in ABOUT},
                "created_at": moment(one["created_at"]).isoformat(),
            }
            for one in _rows(connection, schema.annotation, number)
        ],
    }


def _rows(connection: Connection, table: Table, number: int) -> Sequence[RowMapping]:
    query = select(table).where(table.c.conversation_id == number).order_by(table.c.id)
    return connection.execute(query).mappings().all()


def _replies(connection: Connection, number: int) -> Sequence[RowMapping]:
    joined = schema.reply.join(schema.turn, schema.reply.c.turn_id == schema.turn.c.id)
    query = select(schema.reply).select_from(joined).where(schema.turn.c.conversation_id == number)
    return connection.execute(query.order_by(schema.reply.c.id)).mappings().all()


def _receipt(reply: RowMapping) -> dict[str, Any]:
    return {**{name: reply[name] for name in RECEIPT}, "created_at": moment(reply["created_at"]).isoformat()}


def _models(connection: Connection, fingerprints: set[str | None]) -> list[dict[str, Any]]:
    rows = schema.model
    query = select(rows).where(rows.c.fingerprint.in_(fingerprints - {None})).order_by(rows.c.fingerprint)
    return [
        {**{name: row[name] for name in MODEL}, "first_seen": moment(row["first_seen"]).isoformat()}
        for row in connection.execute(query).mappings()
    ]
