"""Conversations, turns, replies and annotations of the history -> what JSON holds."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chatbot.store.records import Annotation, Conversation, StoredReply, StoredTurn, Transcript


def conversation_fields(conversation: Conversation) -> dict[str, Any]:
    """A conversation as JSON."""
    return {name: plain(value) for name, value in asdict(conversation).items()}


def transcript_fields(transcript: Transcript, all_branches: bool) -> dict[str, Any]:
    """A conversation with its turns as JSON; each turn with the reply that stands, or with all replies."""
    fields = conversation_fields(transcript.conversation)
    fields["annotations"] = [annotation_fields(one) for one in transcript.annotations]
    standing = {step.turn.id: step.reply for step in transcript.path}
    if not all_branches:
        turns = [{**turn_fields(s.turn), "reply": reply_fields(s.reply) if s.reply else None} for s in transcript.path]
        return {**fields, "turns": turns}
    leaf = [{"turn": turn, "reply": reply.id if reply else None} for turn, reply in standing.items()]
    replies = [
        {**turn_fields(turn), "replies": [reply_fields(one) for one in turn.replies]} for turn in transcript.turns
    ]
    return {**fields, "turns": replies, "path": leaf}


def annotation_fields(annotation: Annotation) -> dict[str, Any]:
    """What was said about the conversation, or about a turn or reply of it, as JSON."""
    return {name: plain(value) for name, value in asdict(annotation).items() if name != "conversation_id"}


def turn_fields(turn: StoredTurn) -> dict[str, Any]:
    """A turn as JSON, without its replies."""
    return {
        "id": turn.id,
        "parent_reply_id": turn.parent_reply_id,
        "text": turn.text,
        "created_at": plain(turn.created_at),
    }


def reply_fields(reply: StoredReply) -> dict[str, Any]:
    """A reply and its receipt as JSON."""
    return {name: plain(value) for name, value in asdict(reply).items() if name != "turn_id"}


def plain(value: Any) -> Any:
    """What JSON can hold: times as ISO 8601 in UTC, numbers that are none as null."""
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value.isoformat() if hasattr(value, "isoformat") else value
