"""Rows of the tables <-> conversations, turns, replies and annotations; times are microseconds since 1970 there."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import RowMapping

from chatbot.decoding.rerank import Part
from chatbot.dialogue.reply import Alternative, Reply
from chatbot.store.records import Annotation, Conversation, StoredReply, StoredTurn


def microseconds() -> int:
    """Now, as the tables keep time."""
    return time.time_ns() // 1000


def moment(stamp: int) -> datetime:
    """A time of the tables, in UTC."""
    seconds, rest = divmod(stamp, 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)


def reply_values(reply: Reply) -> dict[str, Any]:
    """The columns of a reply; a number that JSON cannot hold becomes null."""
    return {
        "text": reply.text,
        "tokens": list(reply.tokens),
        "token_ids": list(reply.token_ids),
        "token_log_probs": _finite(reply.token_log_probs),
        "score": reply.score if math.isfinite(reply.score) else None,
        "rank": reply.rank,
        "alternatives": list(map(_alternative_values, reply.alternatives)),
        "settings": asdict(reply.settings),
        "seed": reply.seed,
        "fingerprint": reply.fingerprint,
        "context_ids": list(reply.context_ids),
        "context_words": list(reply.context_words),
        "seconds": reply.seconds,
        "complete": reply.complete,
        "parts": _parts_values(reply.parts) or None,
        "reverse_fingerprint": reply.reverse_fingerprint or None,
    }


def conversation_of(row: RowMapping) -> Conversation:
    """A line of the list."""
    plain = {name: row[name] for name in ("id", "uid", "title", "model", "fingerprint", "turns")}
    return Conversation(**plain, created_at=moment(row["created_at"]), updated_at=moment(row["updated_at"]))


def turn_of(row: RowMapping, replies: Sequence[StoredReply]) -> StoredTurn:
    """A turn with its replies."""
    return StoredTurn(row["id"], row["parent_reply_id"], row["text"], moment(row["created_at"]), tuple(replies))


def annotation_of(row: RowMapping) -> Annotation:
    """An annotation."""
    plain = ("id", "conversation_id", "turn_id", "reply_id", "kind", "text", "data", "fingerprint", "settings")
    return Annotation(**{name: row[name] for name in plain}, created_at=moment(row["created_at"]))


def reply_of(row: RowMapping) -> StoredReply:
    """A reply."""
    plain = (
        "id",
        "turn_id",
        "text",
        "score",
        "rank",
        "settings",
        "seed",
        "fingerprint",
        "model",
        "seconds",
        "complete",
        "reverse_fingerprint",
    )
    return StoredReply(
        **{name: row[name] for name in plain},
        tokens=tuple(map(str, row["tokens"] or ())),
        token_ids=tuple(map(int, row["token_ids"] or ())),
        token_log_probs=_numbers(row["token_log_probs"] or ()),
        alternatives=tuple(map(_alternative, row["alternatives"] or ())),
        context_ids=tuple(map(int, row["context_ids"] or ())),
        context_words=tuple(map(str, row["context_words"] or ())),
        created_at=moment(row["created_at"]),
        parts=_parts(row["parts"]),
    )


def _alternative(kept: Mapping[str, Any]) -> Alternative:
    score, log_prob = _numbers((kept["score"], kept["log_prob"]))
    return Alternative(str(kept["text"]), score, log_prob, _parts(kept.get("parts")))


def _alternative_values(one: Alternative) -> dict[str, Any]:
    score, log_prob = _finite((one.score, one.log_prob))
    parts = {"parts": _parts_values(one.parts)} if one.parts else {}
    return {"text": one.text, "score": score, "log_prob": log_prob, **parts}


def _parts(kept: Mapping[str, Sequence[float | None]] | None) -> dict[str, Part]:
    return {str(name): Part(*_numbers(numbers)) for name, numbers in (kept or {}).items()}


def _parts_values(parts: Mapping[str, Part]) -> dict[str, list[float | None]]:
    return {name: _finite((part.score, part.weight)) for name, part in parts.items()}


def _finite(numbers: Sequence[float]) -> list[float | None]:
    return [number if math.isfinite(number) else None for number in numbers]


def _numbers(kept: Sequence[float | None]) -> tuple[float, ...]:
    return tuple(math.nan if number is None else float(number) for number in kept)
