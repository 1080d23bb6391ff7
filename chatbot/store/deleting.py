"""Conversations, or parts of them, -> gone, with all that refers to them; what stood before is what stands then.

Links between turns and replies are cut first: a database would otherwise follow them one in another, as deep as the
conversation is long, and give up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import islice

from sqlalchemy import Column, Connection, Table, delete, func, select, update

from chatbot.store import schema
from chatbot.store.history import History
from chatbot.store.rows import microseconds

AT_ONCE = 500  # numbers in a statement


def delete_conversations(history: History, numbers: Sequence[int]) -> None:
    """Delete conversations, all or none; `StoreError` where there is none of a number."""
    with history.write() as connection:
        for number in numbers:
            history.exists(connection, number)
        remove_conversations(connection, numbers)


def count_turns(history: History, numbers: Sequence[int]) -> int:
    """Turns of conversations, on all branches; `StoreError` where there is none of a number."""
    turns = 0
    with history.read() as connection:
        for number in numbers:
            history.exists(connection, number)
        for part in parts(numbers):
            asked = select(func.count()).select_from(schema.turn).where(schema.turn.c.conversation_id.in_(part))
            turns += connection.scalar(asked) or 0
    return turns


def remove_conversations(connection: Connection, numbers: Iterable[int]) -> None:
    """Delete the rows of conversations."""
    for part in parts(numbers):
        rooms, turns = schema.conversation, schema.turn
        connection.execute(update(rooms).where(rooms.c.id.in_(part)).values(leaf_turn_id=None, leaf_reply_id=None))
        connection.execute(update(turns).where(turns.c.conversation_id.in_(part)).values(parent_reply_id=None))
        connection.execute(delete(turns).where(turns.c.conversation_id.in_(part)))
        connection.execute(delete(rooms).where(rooms.c.id.in_(part)))


def remove_rows(connection: Connection, table: Table, numbers: Iterable[int]) -> None:
    """Delete rows of a table to which nothing leads."""
    for part in parts(numbers):
        connection.execute(delete(table).where(table.c.id.in_(part)))


def remove_branches(connection: Connection, number: int, turns: set[int], replies: set[int]) -> None:
    """Delete turns and replies of a conversation with all that followed them."""
    said, given = schema.turn.c, schema.reply.c
    parents = dict(_pairs(connection, said.id, said.parent_reply_id, number))
    turn_of = dict(_pairs(connection, given.id, given.turn_id, number))
    gone_turns, gone_replies = _following(parents, turn_of, turns, replies)
    leaf = _leaf(connection, number)
    while leaf[0] and (leaf[0] in gone_turns or leaf[1] in gone_replies):
        before = parents.get(leaf[0])
        leaf = (leaf[0], None) if leaf[0] not in gone_turns else (turn_of.get(before or 0), before)
    values = {"leaf_turn_id": leaf[0], "leaf_reply_id": leaf[1], "updated_at": microseconds()}
    connection.execute(update(schema.conversation).where(schema.conversation.c.id == number).values(values))
    for part in parts(gone_turns):
        connection.execute(update(schema.turn).where(said.id.in_(part)).values(parent_reply_id=None))
    remove_rows(connection, schema.reply, gone_replies)
    remove_rows(connection, schema.turn, gone_turns)


def _following(
    parents: dict[int, int | None], turn_of: dict[int, int | None], turns: set[int], replies: set[int]
) -> tuple[set[int], set[int]]:
    """Turns and replies with all that followed them."""
    after, answers = defaultdict(list), defaultdict(list)
    for number, parent in parents.items():
        after[parent].append(number)
    for number, answered in turn_of.items():
        answers[answered].append(number)
    gone_turns: set[int] = set()
    gone_replies: set[int] = set()
    new_turns, new_replies = set(turns), set(replies)
    while new_turns or new_replies:
        gone_turns |= new_turns
        gone_replies |= new_replies
        found_replies = {reply for turn in new_turns for reply in answers[turn]} - gone_replies
        new_turns = {turn for reply in new_replies for turn in after[reply]} - gone_turns
        new_replies = found_replies
    return gone_turns, gone_replies


def _pairs(connection: Connection, key: Column[int], value: Column[int], number: int) -> list[tuple[int, int | None]]:
    """Two columns of the turns, or replies, of a conversation."""
    replies = schema.reply.join(schema.turn, schema.reply.c.turn_id == schema.turn.c.id)
    query = select(key, value).select_from(schema.turn if key.table is schema.turn else replies)
    query = query.where(schema.turn.c.conversation_id == number)
    return [(int(one), other) for one, other in connection.execute(query)]


def _leaf(connection: Connection, number: int) -> tuple[int | None, int | None]:
    rooms = schema.conversation.c
    found = connection.execute(select(rooms.leaf_turn_id, rooms.leaf_reply_id).where(rooms.id == number)).one()
    return found[0], found[1]


def parts(numbers: Iterable[int]) -> Iterable[list[int]]:
    """The numbers, as many at once as a statement takes."""
    rest = iter(sorted(numbers))
    while part := list(islice(rest, AT_ONCE)):
        yield part
