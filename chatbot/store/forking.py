"""A conversation -> another one that begins as a copy of the branch that stands, each reply with its receipt."""

from __future__ import annotations

import os

from sqlalchemy import Connection, Table, select, update

from chatbot.errors import UsageError
from chatbot.store import schema
from chatbot.store.history import History, inserted
from chatbot.store.rows import microseconds

FORK = " (fork)"  # ends the title


def fork(history: History, conversation_id: int) -> int:
    """Copy the branch that stands into a new conversation, all of it or nothing; the new one's number.

    What was said about its turns and replies comes along: ratings, corrections, notes, what models made of them. Turns
    that were never answered, other branches, and what was said about the conversation as a whole stay behind.
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
        copies: dict[tuple[str, int | None], int] = {}  # (table, old number) -> new number
        for old_turn, old_reply in steps:
            turn_id = _copy(connection, schema.turn, old_turn, {"conversation_id": number, "parent_reply_id": reply_id})
            reply_id = _copy(connection, schema.reply, old_reply, {"turn_id": turn_id})
            copies |= {("turn", old_turn): turn_id, ("reply", old_reply): reply_id}
        for one in transcript.annotations:
            about = {"turn_id": copies.get(("turn", one.turn_id)), "reply_id": copies.get(("reply", one.reply_id))}
            if (about["turn_id"] is None) == (one.turn_id is None) and any(about.values()):
                _copy(connection, schema.annotation, one.id, {"conversation_id": number, **about})
        leaf = {"leaf_turn_id": turn_id, "leaf_reply_id": reply_id}
        connection.execute(update(rooms).where(rooms.c.id == number).values(leaf))
    return number


def _copy(connection: Connection, table: Table, number: int, changed: dict[str, object]) -> int:
    """Copy a row with some columns changed; the number of the copy."""
    row = connection.execute(select(table).where(table.c.id == number)).mappings().one()
    return inserted(connection, table, {**{name: row[name] for name in row if name != "id"}, **changed})
