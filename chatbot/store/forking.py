"""A conversation -> another one that begins as a copy of the branch that stands, each reply with its receipt."""

from __future__ import annotations

import os

from sqlalchemy import Connection, Table, select, update

from chatbot.errors import UsageError
from chatbot.store import schema
from chatbot.store.history import History, inserted
from chatbot.store.records import microseconds

FORK = " (fork)"  # ends the title


def fork(history: History, conversation_id: int) -> int:
    """Copy the branch that stands into a new conversation, all of it or nothing; the new one's number.

    Turns that were never answered, other branches and what was said about replies stay behind.
    """
    transcript = history.show(conversation_id)
    steps = [(step.turn.id, step.reply.id) for step in transcript.path if step.reply]
    if not steps:
        raise UsageError("there is nothing to copy: nothing was answered yet")
    rooms = schema.conversation
    with history.write() as connection:
        now, title = microseconds(), transcript.conversation.title.removesuffix(FORK) + FORK
        new = {"uid": os.urandom(16).hex(), "title": title, "created_at": now, "updated_at": now}
        number = _copy(connection, rooms, conversation_id, {**new, "leaf_turn_id": None, "leaf_reply_id": None})
        turn_id = reply_id = None
        for old_turn, old_reply in steps:
            turn_id = _copy(connection, schema.turn, old_turn, {"conversation_id": number, "parent_reply_id": reply_id})
            reply_id = _copy(connection, schema.reply, old_reply, {"turn_id": turn_id})
        leaf = {"leaf_turn_id": turn_id, "leaf_reply_id": reply_id}
        connection.execute(update(rooms).where(rooms.c.id == number).values(leaf))
    return number


def _copy(connection: Connection, table: Table, number: int, changed: dict[str, object]) -> int:
    """Copy a row with some columns changed; the number of the copy."""
    row = connection.execute(select(table).where(table.c.id == number)).mappings().one()
    return inserted(connection, table, {**{name: row[name] for name in row if name != "id"}, **changed})
