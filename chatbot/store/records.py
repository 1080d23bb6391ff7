"""What the program works with of what was kept: conversations, turns, replies and annotations."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

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
