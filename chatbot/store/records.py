"""Rows <-> what the program works with: conversations, turns and replies as they were kept."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import RowMapping

from chatbot.decoding.rerank import Part
from chatbot.dialogue.reply import Alternative, Reply
from chatbot.errors import ConfigError, StoreError
from chatbot.settings import DecodingSettings, from_mapping


@dataclass(frozen=True, slots=True)
class Conversation:
    """One line of the list. `model` is the name of the model that replied first; `turns` counts undone ones too."""

    id: int
    uid: str
    title: str
    model: str | None
    fingerprint: str | None
    turns: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class StoredReply:
    """A reply as kept; where it came without a receipt, what belongs to one is None or empty."""

    id: int
    turn_id: int
    text: str
    tokens: tuple[str, ...]
    token_ids: tuple[int, ...]
    token_log_probs: tuple[float, ...]
    score: float | None
    rank: int | None
    alternatives: tuple[Alternative, ...]
    settings: dict[str, Any] | None
    seed: int | None
    fingerprint: str | None
    model: str | None
    context_ids: tuple[int, ...]
    seconds: float | None
    complete: bool
    created_at: datetime
    context_words: tuple[str, ...] = ()
    parts: dict[str, Part] = field(default_factory=dict)
    reverse_fingerprint: str | None = None

    def receipt(self) -> Reply:
        """The reply as the dialogue gave it; a missing receipt leaves default settings and seed 0."""
        try:
            settings = from_mapping(DecodingSettings, self.settings or {"seed": 0}, f"reply {self.id}")
        except ConfigError as error:
            raise StoreError(f"{error} (kept by a newer version of chatbot?)") from error
        return Reply(
            text=self.text,
            token_ids=self.token_ids,
            tokens=self.tokens,
            token_log_probs=self.token_log_probs,
            score=math.nan if self.score is None else self.score,
            alternatives=self.alternatives,
            settings=settings,
            seed=self.seed or 0,
            fingerprint=self.fingerprint or "",
            model=self.model or "",
            context_ids=self.context_ids,
            seconds=self.seconds or 0.0,
            complete=self.complete,
            rank=self.rank or 0,
            context_words=self.context_words,
            parts=self.parts,
            reverse_fingerprint=self.reverse_fingerprint or "",
        )


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """What a person said, and all replies to it, oldest first. `parent_reply_id` is None where it opens."""

    id: int
    parent_reply_id: int | None
    text: str
    created_at: datetime
    replies: tuple[StoredReply, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A turn on a branch, and the reply that stands there; None where it was never answered."""

    turn: StoredTurn
    reply: StoredReply | None


@dataclass(frozen=True, slots=True)
class Annotation:
    """What was said about a reply, a turn, or (both None) the conversation; `kind` tells what `text` and `data` are."""

    id: int
    conversation_id: int
    turn_id: int | None
    reply_id: int | None
    kind: str
    text: str | None
    data: Any
    created_at: datetime
    fingerprint: str | None = None  # of the model that made it; None where a person did
    settings: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Transcript:
    """A whole conversation: all turns, oldest first, and the branch that stands, from its first turn to its leaf."""

    conversation: Conversation
    turns: tuple[StoredTurn, ...]
    path: tuple[Step, ...]
    annotations: tuple[Annotation, ...] = ()

    def about(self, reply_id: int | None) -> tuple[Annotation, ...]:
        """What was said about a reply; about the conversation as a whole for None."""
        found = (one for one in self.annotations if one.reply_id == reply_id)
        return tuple(one for one in found if one.reply_id or not one.turn_id)

    def about_turn(self, turn_id: int) -> tuple[Annotation, ...]:
        """What was said about a turn itself, not about a reply to it."""
        return tuple(one for one in self.annotations if one.turn_id == turn_id and one.reply_id is None)


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
