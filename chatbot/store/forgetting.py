"""Words, or numbers of conversations -> all rows that hold them, and those rows gone.

What is forgotten for some words: a turn or reply that holds them, with all that followed it (later replies were made of
it); notes and other annotations; titles; lines typed. Capitals do not count, and any white space is as good as another.
"""

from __future__ import annotations

import contextlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, Connection, Text, cast, func, select, type_coerce, update

from chatbot.store import schema
from chatbot.store.deleting import parts, remove_branches, remove_conversations, remove_rows
from chatbot.store.history import History, title_of

NAMELESS = "(forgotten)"
READ = {  # columns that may hold words, with the number of the row
    "turn": ("text",),
    "reply": ("text", "tokens", "alternatives", "settings", "context_words"),
    "annotation": ("kind", "text", "data", "settings"),
    "conversation": ("title",),
    "input_line": ("text",),
}


@dataclass(slots=True)
class Plan:
    """Numbers of the rows that hold what is to be forgotten; `texts` are the words themselves."""

    texts: tuple[str, ...] = ()
    conversations: set[int] = field(default_factory=set)  # whole ones
    turns: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))  # by conversation
    replies: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    annotations: set[int] = field(default_factory=set)
    titles: set[int] = field(default_factory=set)
    lines: set[int] = field(default_factory=set)

    @property
    def empty(self) -> bool:
        """Whether no row holds any of it."""
        found = (self.conversations, self.turns, self.replies, self.annotations, self.titles, self.lines)
        return not any(found)

    @property
    def touched(self) -> list[int]:
        """The conversations that lose something they said."""
        return sorted({*self.conversations, *self.turns, *self.replies})


def plan_words(history: History, texts: Sequence[str]) -> Plan:
    """The rows that hold any of some texts."""
    plan = Plan(texts=tuple(texts))
    with history.read() as connection:
        for table in READ:
            for number in holding(connection, table, texts):
                _note(connection, plan, table, number)
    return plan


def plan_conversations(history: History, numbers: Sequence[int]) -> Plan:
    """Whole conversations, with the lines that were typed in them; `StoreError` where there is none of a number."""
    said: dict[str, None] = {}
    for number in numbers:
        transcript = history.show(number)
        said |= dict.fromkeys([turn.text for turn in transcript.turns])
        said |= dict.fromkeys([reply.text for turn in transcript.turns for reply in turn.replies])
        said |= dict.fromkeys([one.text for one in transcript.annotations if one.text])
        said[transcript.conversation.title] = None
    plan = Plan(texts=tuple(filter(str.strip, said)), conversations=set(numbers))
    typed = {plain(text) for text in plan.texts}
    lines = schema.input_line.c
    with history.read() as connection:
        plan.lines = {row.id for row in connection.execute(select(lines.id, lines.text)) if plain(row.text) in typed}
    return plan


def carry_out(connection: Connection, plan: Plan) -> dict[str, int]:
    """Delete the rows of a plan; how many of each kind there were before that are not there now."""
    before = _counts(connection)
    remove_conversations(connection, plan.conversations)
    emptied = set()
    for number in {*plan.turns, *plan.replies} - plan.conversations:
        plan.titles |= _titled_after(connection, number, plan.turns[number])
        remove_branches(connection, number, plan.turns[number], plan.replies[number])
        emptied |= {number} if _first_text(connection, number) is None else set()
    remove_conversations(connection, emptied)
    remove_rows(connection, schema.annotation, plan.annotations)
    remove_rows(connection, schema.input_line, plan.lines)
    for number in plan.titles - plan.conversations - emptied:
        title = title_of(_first_text(connection, number) or NAMELESS)
        kept = NAMELESS if holds(title, [plain(text) for text in plan.texts]) else title
        rooms = schema.conversation
        connection.execute(update(rooms).where(rooms.c.id == number).values(title=kept))
    after = _counts(connection)
    return {name: before[name] - after[name] for name in before} | {"title": len(plan.titles)}


def holding(connection: Connection, table: str, texts: Sequence[str]) -> Iterator[int]:
    """The numbers of the rows of a table that hold any of some texts."""
    wanted = [plain(text) for text in texts]
    for number, kept in _rows(connection, table):
        if any(holds(text, wanted) for text in kept):
            yield number


def still_held(connection: Connection, texts: Iterable[str]) -> set[str]:
    """Those of some texts that any row holds."""
    left = {text: plain(text) for text in texts}
    found: set[str] = set()
    for table in READ:
        for _, kept in _rows(connection, table):
            here = {text for text, wanted in left.items() if any(holds(one, [wanted]) for one in kept)}
            found |= here
            left = {text: wanted for text, wanted in left.items() if text not in here} if here else left
    return found


def _rows(connection: Connection, table: str) -> Iterator[tuple[int, list[str]]]:
    """The number and the words of each row of a table, JSON as it is kept."""
    rows = schema.metadata.tables[table].c
    columns = [type_coerce(cast(rows[name], Text), Text) for name in READ[table]]
    for number, *kept in connection.execute(select(rows.id, *columns).execution_options(yield_per=1000)):
        yield number, [text for text in kept if text is not None]


def holds(kept: str, wanted: Iterable[str]) -> bool:
    """Whether a column, as text or as JSON, holds any of some plain texts."""
    texts = [plain(kept)]
    if "\\" in kept:
        with contextlib.suppress(ValueError, RecursionError):  # no JSON
            texts += map(plain, _strings(json.loads(kept)))
    return any(one in text for text in texts for one in wanted)


def plain(text: str) -> str:
    """A text without capitals, and with one space for any white space."""
    return " ".join(text.casefold().split())


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _strings([*value, *value.values()])
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)


def _note(connection: Connection, plan: Plan, table: str, number: int) -> None:
    if table == "turn":
        plan.turns[_one(connection, schema.turn.c.conversation_id, schema.turn.c.id, number)].add(number)
    elif table == "reply":
        turn = _one(connection, schema.reply.c.turn_id, schema.reply.c.id, number)
        plan.replies[_one(connection, schema.turn.c.conversation_id, schema.turn.c.id, turn)].add(number)
    else:
        {"annotation": plan.annotations, "conversation": plan.titles, "input_line": plan.lines}[table].add(number)


def _one(connection: Connection, wanted: Column[int], key: Column[int], number: int) -> int:
    return int(connection.execute(select(wanted).where(key == number)).scalar_one())


def _titled_after(connection: Connection, number: int, turns: set[int]) -> set[int]:
    """The conversation, if its title is what one of these turns begins with."""
    rooms, said = schema.conversation.c, schema.turn.c
    title = connection.scalar(select(rooms.title).where(rooms.id == number))
    for part in parts(turns):
        for text in connection.scalars(select(said.text).where(said.id.in_(part))):
            if title_of(text) == title:
                return {number}
    return set()


def _first_text(connection: Connection, number: int) -> str | None:
    said = schema.turn.c
    return connection.scalar(select(said.text).where(said.conversation_id == number).order_by(said.id).limit(1))


def _counts(connection: Connection) -> dict[str, int]:
    tables = ("conversation", "turn", "reply", "annotation", "input_line")
    return {
        name: int(connection.scalar(select(func.count()).select_from(schema.metadata.tables[name])) or 0)
        for name in tables
    }
