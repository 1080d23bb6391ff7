"""A filter -> the conversations that it lets through."""

from __future__ import annotations

from chatbot.store import reading
from chatbot.store.filters import Filter, conditions
from chatbot.store.history import History
from chatbot.store.records import Conversation


def selected(history: History, wanted: Filter, limit: int | None = None, offset: int = 0) -> list[Conversation]:
    """The conversations asked for, those talked in last first."""
    with history.read() as connection:
        return reading.conversations(connection, limit, offset, conditions(connection, wanted))


def selected_numbers(history: History, wanted: Filter) -> list[int]:
    """Their numbers, oldest first."""
    with history.read() as connection:
        return reading.numbers(connection, conditions(connection, wanted))
