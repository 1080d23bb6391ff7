"""The tables, as SQLAlchemy Core knows them; migrations/ makes them, and a test holds the two together.

A conversation is a tree: a turn (what a person said) answers a reply or opens the conversation; a reply answers a turn
and has siblings where a person retried. The leaf is the end of the branch that stands. Nothing is overwritten: undo and
retry only move the leaf. Times are microseconds since 1970 in UTC. JSON columns hold what is read as a whole.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
)

from chatbot.dialogue.wellformed import well_formed

HEAD = "0005"  # the newest revision in migrations/versions


TEXTS = {"turn": "text", "reply": "text", "annotation": "text", "conversation": "title"}  # what is searched
WORDS = {table: f"{table}_words" for table in TEXTS}  # made by 0002 and 0004, in SQLite only; with triggers
GRAMS = {table: f"{table}_grams" for table in TEXTS}  # made by 0004, in SQLite only: of scripts without spaces
INDEXES_OF_WORDS = (*WORDS.values(), *GRAMS.values())


def is_of_schema(name: str | None, kind: str, parents: object = None) -> bool:
    """Whether Alembic compares something of this name: an index of words, and what it is made of, is none."""
    return kind != "table" or not (name or "").startswith(INDEXES_OF_WORDS)


class WellFormedText(TypeDecorator[str]):
    """Text that every database accepts: lone surrogates and NUL characters become U+FFFD on the way in."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """What is written for `value`."""
        return None if value is None else well_formed(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        """What is read of `value`; SQLite keeps any type in any column, and a stranger may have used that."""
        return None if value is None else str(value)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ROW_ID = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up only an INTEGER
WHOLE = JSON(none_as_null=True)


def _id() -> Column[int]:
    return Column("id", ROW_ID, primary_key=True)


def _reference(name: str, target: str, ondelete: str = "CASCADE", **options: Any) -> Column[Any]:
    """A column that refers to a row of another table; tables that refer to each other need use_alter."""
    alter = options.pop("use_alter", False)
    return Column(name, ForeignKey(target, ondelete=ondelete, use_alter=alter), **options)


def _time(name: str = "created_at") -> Column[int]:
    return Column(name, BigInteger, nullable=False)


model = Table(
    "model",
    metadata,
    Column("fingerprint", WellFormedText, primary_key=True),
    Column("name", WellFormedText, nullable=False),
    Column("task", WellFormedText, nullable=False),
    Column("config", WHOLE, nullable=False),
    _time("first_seen"),
)

conversation = Table(
    "conversation",
    metadata,
    _id(),
    Column("uid", WellFormedText, nullable=False, unique=True),  # the same wherever it is exported to
    Column("title", WellFormedText, nullable=False),
    _reference("fingerprint", "model.fingerprint", ondelete="SET NULL"),  # of the first reply
    _reference("leaf_turn_id", "turn.id", ondelete="SET NULL", use_alter=True),  # none: all is undone
    _reference("leaf_reply_id", "reply.id", ondelete="SET NULL", use_alter=True),  # none: not answered yet
    _time(),
    _time("updated_at"),
    sqlite_autoincrement=True,  # the number of a deleted conversation never means another one
)

turn = Table(
    "turn",
    metadata,
    _id(),
    _reference("conversation_id", "conversation.id", nullable=False),
    _reference("parent_reply_id", "reply.id", use_alter=True),  # none: opens the conversation
    Column("text", WellFormedText, nullable=False),
    _time(),
)

reply = Table(
    "reply",
    metadata,
    _id(),
    _reference("turn_id", "turn.id", nullable=False),
    Column("text", WellFormedText, nullable=False),
    Column("tokens", WHOLE),  # this and the next: none where the reply came without a receipt
    Column("token_ids", WHOLE),
    Column("token_log_probs", WHOLE),
    Column("score", Float),
    Column("rank", Integer),
    Column("alternatives", WHOLE),
    Column("settings", WHOLE),
    Column("seed", BigInteger),
    _reference("fingerprint", "model.fingerprint", ondelete="SET NULL"),
    Column("context_ids", WHOLE),
    Column("seconds", Float),
    Column("complete", Boolean, nullable=False),
    _time(),
    Column("context_words", WHOLE),  # since 0002: of the source, where unknown ones could be copied
    Column("parts", WHOLE),  # since 0003: {name: [score, weight]}, where the n-best were ranked anew
    Column("reverse_fingerprint", WellFormedText),  # since 0003: of the reverse model, where one was asked
)

annotation = Table(
    "annotation",  # a translation, tags, a rating, a correction, a note, ... of what it refers to
    metadata,
    _id(),
    _reference("conversation_id", "conversation.id", nullable=False),
    _reference("turn_id", "turn.id"),
    _reference("reply_id", "reply.id"),
    Column("kind", WellFormedText, nullable=False),
    Column("text", WellFormedText),
    Column("data", WHOLE),
    _time(),
    Column("fingerprint", WellFormedText),  # since 0003: of the model that made it; none: a person did
    Column("settings", WHOLE),  # since 0003: it was made with
)

input_line = Table("input_line", metadata, _id(), Column("text", WellFormedText, nullable=False), _time())

Index(None, conversation.c.updated_at)
Index(None, conversation.c.fingerprint)
Index(None, conversation.c.leaf_turn_id)
Index(None, conversation.c.leaf_reply_id)
Index(None, turn.c.conversation_id)
Index(None, turn.c.parent_reply_id)
Index(None, reply.c.turn_id)
Index(None, annotation.c.conversation_id, annotation.c.kind)
Index(None, annotation.c.kind)
Index(None, annotation.c.turn_id)
Index(None, annotation.c.reply_id)
