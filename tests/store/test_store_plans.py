"""However long the history, listing, showing, searching and talking read no table from end to end: SQLite's plans."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event
from toy_dialogue import toy_model

from chatbot.dialogue.dialogue import Dialogue
from chatbot.store.annotations import note, rate
from chatbot.store.history import History
from chatbot.store.recorded import RecordedDialogue
from chatbot.store.searching import search

BOUNDED = {  # in the order of an index, or of the numbers of the rows, up to a LIMIT
    "SCAN conversation USING INDEX ix_conversation_updated_at",
    "SCAN conversation USING COVERING INDEX ix_conversation_updated_at",
    "SCAN input_line",
}


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    """A conversation with a reply and annotations."""
    with History.open(str(tmp_path / "history.db")) as history:
        talk(history)
        yield history


def talk(history: History) -> None:
    history.recent_input_lines()
    history.add_input_line("hello")
    dialogue = RecordedDialogue(Dialogue(toy_model()), history)
    dialogue.reply("hello")
    dialogue.retry()
    dialogue.undo()
    dialogue.reply("hello there")
    assert dialogue.last and dialogue.conversation_id  # noqa: PT018
    rate(history, dialogue.last[1], 4)
    note(history, dialogue.conversation_id, dialogue.last[1], "hello noted 天气")


@pytest.mark.parametrize(
    "ask",
    [
        lambda history: history.list_conversations(20),
        lambda history: history.latest(),
        lambda history: history.show(1),
        lambda history: search(history, "hello"),
        lambda history: search(history, "hello the*", limit=1000),
        lambda history: search(history, "天气"),
        talk,
    ],
    ids=["list", "latest", "show", "search", "search*", "search in parts", "talk"],
)
def test_no_table_is_read_from_end_to_end(history: History, ask: Callable[[History], object]) -> None:
    plans = _plans(history, ask)
    assert plans
    for statement, step in plans:
        scanned = step.startswith("SCAN") and not re.search(r"VIRTUAL TABLE INDEX [1-9]", step)
        assert not scanned or (step in BOUNDED and "LIMIT" in statement), (step, statement)
        assert "AUTOMATIC" not in step, (step, statement)
        assert "TEMP B-TREE" not in step or "LIMIT" not in statement, (step, statement)  # all would be sorted


def _plans(history: History, ask: Callable[[History], object]) -> list[tuple[str, str]]:
    """Each step of the plan of each statement that is executed."""
    found: list[tuple[str, str]] = []

    def explain(connection: Connection, cursor: Any, statement: str, parameters: Any, *_: object) -> None:
        driver = connection.connection.driver_connection
        assert driver
        if statement.startswith(("SELECT", "INSERT", "UPDATE", "DELETE")):
            steps = driver.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            found.extend((statement, detail) for *_, detail in steps)

    event.listen(history._engine, "before_cursor_execute", explain)
    ask(history)
    event.remove(history._engine, "before_cursor_execute", explain)
    return found
