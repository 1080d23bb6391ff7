"""Conversations for replays, held with a model and kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import update

from chatbot.dialogue.dialogue import Dialogue
from chatbot.dialogue.model import Model
from chatbot.replay.branches import Branch, from_history
from chatbot.store import schema
from chatbot.store.history import History
from chatbot.store.recorded import RecordedDialogue

LINES = ("Good morning.", "Would you like some tea?", "Where is the dog?")
SAMPLED = {"temperature": 0.8, "beam_size": 1, "seed": 5}


def talk(history: History, model: Model, lines: Sequence[str] = LINES, **settings: Any) -> RecordedDialogue:
    """Say all lines in a new conversation; it is number 1, 2, ... of the history."""
    dialogue = RecordedDialogue(Dialogue(model, replace(model.settings, **{**SAMPLED, **settings})), history)
    for line in lines:
        dialogue.reply(line)
    return dialogue


def branches(history: History, every: bool = False) -> list[Branch]:
    """The branches of all conversations."""
    return list(from_history(history, history.numbers(), every).branches)


def alter_reply(history: History, number: int, **values: Any) -> None:
    """Write other values into a kept reply, as another version, a crash or a stranger may have."""
    with history.write() as connection:
        connection.execute(update(schema.reply).where(schema.reply.c.id == number).values(**values))
