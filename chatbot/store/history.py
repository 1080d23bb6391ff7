"""Conversations kept: every method that writes has committed, durably, when it returns.

Any number of threads and processes may use one database at once.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from types import TracebackType
from typing import Protocol, Self

from sqlalchemy import Connection, Engine, Table, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from chatbot.bundle.config import BundleConfig
from chatbot.dialogue.reply import Reply
from chatbot.errors import NoConversation, StoreError
from chatbot.store import reading, schema, sqlite
from chatbot.store.engine import bring_up_to_date, connect
from chatbot.store.failures import ELSEWHERE, store_errors
from chatbot.store.location import Location, locate
from chatbot.store.records import Conversation, Transcript
from chatbot.store.rows import microseconds, reply_values

TITLE_LENGTH = 80  # characters of the first text
MOST_INPUT_LINES = 10_000


class KnownModel(Protocol):
    """What is kept of a model that replied; `chatbot.dialogue.model.Model` is one."""

    @property
    def name(self) -> str:
        """What a person calls it."""
        ...

    @property
    def fingerprint(self) -> str:
        """SHA-256 of its bundle."""
        ...

    @property
    def config(self) -> BundleConfig:
        """What it is."""
        ...


class History:
    """A database of conversations, open. Made by `History.open`; a context manager that closes it."""

    def __init__(self, engine: Engine, location: Location, opened_at: str | None) -> None:
        self.location = location
        self.opened_at = opened_at  # the revision that the database was at before it was opened, None: it was empty
        self._engine = engine
        is_sqlite = engine.dialect.name == "sqlite"
        self._writing = engine.execution_options(**sqlite.WRITING) if is_sqlite else engine
        self._reading = engine if is_sqlite else engine.execution_options(isolation_level="REPEATABLE READ")
        self._known: set[str] = set()  # fingerprints that this object has seen in the table of models

    @classmethod
    def open(cls, url: str | None = None) -> Self:
        """Open a database, made or upgraded where that is due.

        `url` is an SQLAlchemy URL or the path of an SQLite file; None is the user's own history. Raises `StoreError`
        of one line where the database cannot be used: locked, not writable, damaged, newer, no database.
        """
        location = locate(url)
        engine = connect(location)
        try:
            return cls(engine, location, bring_up_to_date(engine, location))
        except BaseException:
            engine.dispose()
            raise

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for questions, for the modules of store/; what goes wrong is a `StoreError`."""
        with store_errors(self.location.shown), self._reading.connect() as connection:
            try:
                yield connection
            except (ValueError, TypeError, KeyError, OverflowError) as error:  # no version ever wrote such a row
                raise StoreError(f"{self.location.shown}: is damaged ({error}); {ELSEWHERE}") from error

    @contextlib.contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction for the modules of store/, committed, durably, where the block ends without an error."""
        with store_errors(self.location.shown), self._writing.begin() as connection:
            yield connection

    def start_conversation(self, text: str) -> tuple[int, int]:
        """Keep the first turn of a new conversation; the numbers of the conversation and of the turn."""
        now = microseconds()
        values: dict[str, object] = {"uid": os.urandom(16).hex(), "title": title_of(text), "created_at": now}
        values["updated_at"] = now
        with self.write() as connection:
            number = inserted(connection, schema.conversation, values)
            return number, self._add_turn(connection, number, text, None, now)

    def add_turn(self, conversation_id: int, text: str, parent_reply_id: int | None = None) -> int:
        """Keep what a person said in answer to a reply, None where it opens anew, and make it the leaf; its number."""
        with self.write() as connection:
            return self._add_turn(connection, conversation_id, text, parent_reply_id, microseconds())

    def _add_turn(self, connection: Connection, number: int, text: str, parent: int | None, now: int) -> int:
        self.exists(connection, number)
        values = {"conversation_id": number, "parent_reply_id": parent, "text": text, "created_at": now}
        turn_id = inserted(connection, schema.turn, values)
        self._move_leaf(connection, number, turn_id, None)
        return turn_id

    def add_reply(self, turn_id: int, reply: Reply, model: KnownModel) -> int:
        """Keep a reply to a turn, beside those it already has, and make it the leaf; its number."""
        with self.write() as connection:
            conversation_id = connection.scalar(
                select(schema.turn.c.conversation_id).where(schema.turn.c.id == turn_id)
            )
            if conversation_id is None:
                raise StoreError(f"{self.location.shown}: turn {turn_id} no longer exists; start a new conversation")
            self._add_model(connection, model)
            values = {"turn_id": turn_id, "created_at": microseconds(), **reply_values(reply)}
            reply_id = inserted(connection, schema.reply, values)
            self._move_leaf(connection, conversation_id, turn_id, reply_id, fingerprint=model.fingerprint)
        self._known.add(model.fingerprint)
        return reply_id

    def _add_model(self, connection: Connection, model: KnownModel) -> None:
        column = schema.model.c.fingerprint
        if model.fingerprint in self._known or connection.scalar(select(column).where(column == model.fingerprint)):
            return
        values: dict[str, object] = {"name": model.name, "task": model.config.task, "config": asdict(model.config)}
        values |= {"fingerprint": model.fingerprint, "first_seen": microseconds()}
        with contextlib.suppress(IntegrityError), connection.begin_nested():  # another process may be faster
            connection.execute(insert(schema.model).values(values))

    def set_leaf(self, conversation_id: int, turn_id: int | None, reply_id: int | None) -> None:
        """Let another branch stand: the one that ends in this turn and reply; None, None is before the first turn."""
        with self.write() as connection:
            self.exists(connection, conversation_id)
            self._move_leaf(connection, conversation_id, turn_id, reply_id)

    def _move_leaf(
        self,
        connection: Connection,
        number: int,
        turn_id: int | None,
        reply_id: int | None,
        fingerprint: str | None = None,
    ) -> None:
        values = {"leaf_turn_id": turn_id, "leaf_reply_id": reply_id, "updated_at": microseconds()}
        first = {"fingerprint": func.coalesce(schema.conversation.c.fingerprint, fingerprint)} if fingerprint else {}
        connection.execute(
            update(schema.conversation).where(schema.conversation.c.id == number).values({**values, **first})
        )

    def rename(self, conversation_id: int, title: str) -> str:
        """Give a conversation another title, cut to `TITLE_LENGTH`; returns the title as kept."""
        title = title_of(title)
        with self.write() as connection:
            self.exists(connection, conversation_id)
            connection.execute(
                update(schema.conversation).where(schema.conversation.c.id == conversation_id).values(title=title)
            )
        return title

    def exists(self, connection: Connection, conversation_id: int) -> None:
        """`StoreError` where there is no conversation of this number."""
        if (
            connection.scalar(select(schema.conversation.c.id).where(schema.conversation.c.id == conversation_id))
            is None
        ):
            raise NoConversation(self.location.shown, conversation_id)

    def list_conversations(self, limit: int | None = None, offset: int = 0) -> list[Conversation]:
        """The conversations, those talked in last first."""
        with self.read() as connection:
            return reading.conversations(connection, limit, offset)

    def numbers(self) -> list[int]:
        """The numbers of all conversations, oldest first."""
        with self.read() as connection:
            return reading.numbers(connection)

    def latest(self) -> int | None:
        """The number of the conversation talked in last; None where there is none."""
        with self.read() as connection:
            return reading.latest(connection)

    def show(self, conversation_id: int) -> Transcript:
        """A whole conversation; `StoreError` where there is none of this number."""
        with self.read() as connection:
            found = reading.transcript(connection, conversation_id)
        if found is None:
            raise NoConversation(self.location.shown, conversation_id)
        return found

    def add_input_line(self, text: str) -> None:
        """Keep a line typed at the prompt, for the arrow keys; the same line twice running is kept once."""
        lines = schema.input_line
        with self.write() as connection:
            if reading.input_lines(connection, 1) != [text]:
                number = inserted(connection, lines, {"text": text, "created_at": microseconds()})
                connection.execute(delete(lines).where(lines.c.id <= number - MOST_INPUT_LINES))

    def recent_input_lines(self, limit: int = 1000) -> list[str]:
        """Lines typed at the prompt, latest first."""
        with self.read() as connection:
            return reading.input_lines(connection, limit)


def title_of(text: str) -> str:
    """The title of a conversation that begins with a text: on one line, cut to `TITLE_LENGTH`."""
    title = " ".join(text.split())
    return title if len(title) <= TITLE_LENGTH else title[: TITLE_LENGTH - 1] + "…"


def inserted(connection: Connection, table: Table, values: Mapping[str, object]) -> int:
    """Insert a row; the number it got."""
    key = connection.execute(insert(table).values(values)).inserted_primary_key
    assert key is not None
    return int(key[0])
