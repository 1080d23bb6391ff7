"""Questions to the database: the list of conversations, one whole conversation, the lines typed last."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from sqlalchemy import ColumnElement, Connection, Select, func, select

from chatbot.store import schema
from chatbot.store.records import Annotation, Conversation, Step, StoredReply, StoredTurn, Transcript
from chatbot.store.rows import annotation_of, conversation_of, reply_of, turn_of

_ROOM = schema.conversation.c
_TURN = schema.turn.c
_REPLY = schema.reply.c


def _conversations() -> Select[tuple[object, ...]]:
    turns = select(func.count()).where(_TURN.conversation_id == _ROOM.id).scalar_subquery()
    joined = schema.conversation.outerjoin(schema.model)
    return select(schema.conversation, schema.model.c.name.label("model"), turns.label("turns")).select_from(joined)


def conversations(
    connection: Connection, limit: int | None, offset: int, where: Iterable[ColumnElement[bool]] = ()
) -> list[Conversation]:
    """Those talked in last come first; `where` holds for each."""
    query = _conversations().where(*where).order_by(_ROOM.updated_at.desc(), _ROOM.id.desc())
    query = query.limit(limit).offset(offset)
    return [conversation_of(row) for row in connection.execute(query).mappings()]


def latest(connection: Connection) -> int | None:
    """The number of the conversation talked in last."""
    return connection.scalar(select(_ROOM.id).order_by(_ROOM.updated_at.desc(), _ROOM.id.desc()).limit(1))


def numbers(connection: Connection, where: Iterable[ColumnElement[bool]] = ()) -> list[int]:
    """The numbers of all conversations for which `where` holds, oldest first."""
    return list(connection.scalars(select(_ROOM.id).where(*where).order_by(_ROOM.id)))


def transcript(connection: Connection, conversation_id: int) -> Transcript | None:
    """A whole conversation; None where there is none of this number."""
    row = connection.execute(_conversations().where(_ROOM.id == conversation_id)).mappings().first()
    if row is None:
        return None
    replies = defaultdict(list)
    joined = schema.reply.join(schema.turn, _REPLY.turn_id == _TURN.id).outerjoin(
        schema.model, _REPLY.fingerprint == schema.model.c.fingerprint
    )
    query = select(schema.reply, schema.model.c.name.label("model")).select_from(joined)
    for found in connection.execute(
        query.where(_TURN.conversation_id == conversation_id).order_by(_REPLY.id)
    ).mappings():
        replies[found["turn_id"]].append(reply_of(found))
    rows = connection.execute(select(schema.turn).where(_TURN.conversation_id == conversation_id).order_by(_TURN.id))
    turns = {found["id"]: turn_of(found, replies[found["id"]]) for found in rows.mappings()}
    path = branch(turns, row["leaf_turn_id"], row["leaf_reply_id"])
    return Transcript(conversation_of(row), tuple(turns.values()), path, said_about(connection, conversation_id))


def said_about(connection: Connection, conversation_id: int) -> tuple[Annotation, ...]:
    """What was said about a conversation and its parts, oldest first."""
    notes = schema.annotation.c
    query = select(schema.annotation).where(notes.conversation_id == conversation_id).order_by(notes.id)
    return tuple(annotation_of(row) for row in connection.execute(query).mappings())


def branch(turns: Mapping[int, StoredTurn], turn_id: int | None, reply_id: int | None) -> tuple[Step, ...]:
    """The steps from the first turn to a leaf. References that lead nowhere or in a circle end the walk."""
    replies: dict[int, StoredReply] = {reply.id: reply for turn in turns.values() for reply in turn.replies}
    steps: list[Step] = []
    turn = turns.get(turn_id or 0)
    reply = replies.get(reply_id or 0)
    while turn and len(steps) < len(turns):
        steps.append(Step(turn, reply))
        reply = replies.get(turn.parent_reply_id or 0)
        turn = turns.get(reply.turn_id) if reply else None
    return tuple(reversed(steps))


def input_lines(connection: Connection, limit: int) -> list[str]:
    """What was typed at the prompt, latest first."""
    lines = schema.input_line.c
    return list(connection.scalars(select(lines.text).order_by(lines.id.desc()).limit(limit)))
