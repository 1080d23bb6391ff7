"""What is said about a turn, a reply or a conversation -> rows: a rating, a correction, a note, a bookmark, and what
a model made of it: a translation, tags, a generated text.

A reply has one rating and one correction, the latest; a conversation has one bookmark or none; the others add up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, select

from chatbot.errors import StoreError
from chatbot.store import schema
from chatbot.store.history import History, inserted
from chatbot.store.records import Annotation
from chatbot.store.rows import microseconds

RATING, CORRECTION, NOTE, BOOKMARK = "rating", "correction", "note", "bookmark"
TRANSLATION, TAGS, GENERATION = "translation", "tags", "generation"  # by a model, whose fingerprint is kept
WORST, BEST = 1, 5

_WORDS = {RATING: "rated ", CORRECTION: "better: "}
_ROW = schema.annotation.c


def rate(history: History, reply_id: int, rating: int) -> None:
    """Rate a reply from 1 (bad) to 5 (good); replaces an earlier rating."""
    with history.write() as connection:
        _replace(connection, history, reply_id, RATING, str(rating))


def correct(history: History, reply_id: int, text: str) -> None:
    """Keep what the reply should have been; the reply itself stays as it is."""
    with history.write() as connection:
        _replace(connection, history, reply_id, CORRECTION, text)


def note(history: History, conversation_id: int, reply_id: int | None, text: str) -> None:
    """Keep a note on a reply, or on the conversation (None)."""
    with history.write() as connection:
        history.exists(connection, conversation_id)
        _add(connection, conversation_id, {"reply_id": reply_id, "kind": NOTE, "text": text})


def annotate(
    history: History,
    conversation_id: int,
    kind: str,
    text: str | None,
    *,
    turn_id: int | None = None,
    reply_id: int | None = None,
    fingerprint: str | None = None,
    settings: Mapping[str, Any] | None = None,
    data: object = None,
) -> int:
    """Keep what a model made of a turn, a reply, or (both None) a conversation; the number of the annotation.

    `text` is what is shown and searched; `fingerprint` and `settings` are the model's; `data` is anything JSON holds.
    """
    values = {"turn_id": turn_id, "reply_id": reply_id, "kind": kind, "text": text, "data": data}
    made_with = {"fingerprint": fingerprint, "settings": None if settings is None else dict(settings)}
    with history.write() as connection:
        history.exists(connection, conversation_id)
        return _add(connection, conversation_id, {**values, **made_with})


def bookmark(history: History, conversation_id: int) -> bool:
    """Bookmark a conversation, or take its bookmark away; returns whether it has one now."""
    with history.write() as connection:
        history.exists(connection, conversation_id)
        marked = delete(schema.annotation).where(_ROW.conversation_id == conversation_id, _ROW.kind == BOOKMARK)
        if connection.execute(marked).rowcount:
            return False
        _add(connection, conversation_id, {"kind": BOOKMARK})
        return True


def rating_of(annotations: tuple[Annotation, ...]) -> int | None:
    """The rating among what was said about a reply."""
    found = _text(annotations, RATING)
    return int(found) if found and found.isdecimal() else None


def correction_of(annotations: tuple[Annotation, ...]) -> str | None:
    """The correction among what was said about a reply."""
    return _text(annotations, CORRECTION)


def described(annotation: Annotation) -> str:
    """An annotation in words, such as "rated 4"; what was made of no reply is named, too."""
    if annotation.kind == BOOKMARK:
        return "bookmarked"
    data = annotation.data if isinstance(annotation.data, dict) and annotation.reply_id is None else {}
    of = f' of "{data["text"]}"' if annotation.kind in (TRANSLATION, TAGS) and data.get("text") else ""
    return _WORDS.get(annotation.kind, f"{annotation.kind}{of}: ") + (annotation.text or "")


def _text(annotations: tuple[Annotation, ...], kind: str) -> str | None:
    return next((one.text for one in reversed(annotations) if one.kind == kind), None)


def _replace(connection: Connection, history: History, reply_id: int, kind: str, text: str) -> None:
    joined = schema.reply.join(schema.turn, schema.reply.c.turn_id == schema.turn.c.id)
    query = select(schema.turn.c.conversation_id).select_from(joined).where(schema.reply.c.id == reply_id)
    conversation_id = connection.scalar(query)
    if conversation_id is None:
        raise StoreError(f"{history.location.shown}: reply {reply_id} no longer exists; start a new conversation")
    connection.execute(delete(schema.annotation).where(_ROW.reply_id == reply_id, _ROW.kind == kind))
    _add(connection, conversation_id, {"reply_id": reply_id, "kind": kind, "text": text})


def _add(connection: Connection, conversation_id: int, values: Mapping[str, object]) -> int:
    values = {"conversation_id": conversation_id, **values, "created_at": microseconds()}
    return inserted(connection, schema.annotation, values)
