"""Commands that compute or ask the history: typing goes on meanwhile, and Ctrl-C ends what only looks."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from emulator import Person, at_terminal

from chatbot.repl.talk import Asked
from chatbot.store.history import History
from chatbot.store.recorded import RecordedDialogue


@pytest.mark.parametrize(
    ("where", "view"),
    [
        ("chatbot.repl.explain.steps", "/why"),
        ("chatbot.repl.explain.heat", "/attention"),
        ("chatbot.repl.explain.search", "/beams"),
        ("chatbot.store.searching.search", "/search hello"),
        ("chatbot.store.history.History.show", "/tree"),
        ("chatbot.store.history.History.list_conversations", "/history"),
    ],
)
def test_ctrl_c_ends_a_view_that_takes_long(
    asked: Asked, monkeypatch: pytest.MonkeyPatch, where: str, view: str
) -> None:
    let_go = threading.Event()

    def forever(*_: Any, **__: Any) -> None:
        let_go.wait()

    async def script(person: Person) -> None:
        await person.says("hello")
        monkeypatch.setattr(where, forever)
        person.types(view + "\r")
        await person.sees_toolbar("Ctrl-C stops it")
        person.types("typed meanwhile")
        await person.sees("you> typed meanwhile")
        assert person.screen.count("bot> ") == 1
        person.types("\x03")
        await person.sees("(stopped)\nyou> typed meanwhile")
        person.types("\x15")
        await person.says("and again")

    person = at_terminal(asked, script)
    let_go.set()
    assert person.screen.count("bot> ") == 2


def test_a_locked_history_does_not_freeze_typing(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    unlocked, undo = threading.Event(), RecordedDialogue.undo

    def waiting(dialogue: RecordedDialogue) -> str | None:
        unlocked.wait()
        return undo(dialogue)

    monkeypatch.setattr(RecordedDialogue, "undo", waiting)

    async def script(person: Person) -> None:
        await person.says("hello")
        person.types("/undo\r")
        await person.sees_toolbar("Ctrl-C stops it")
        person.types("typed meanwhile")
        await person.sees("you> typed meanwhile")
        unlocked.set()
        await person.sees("Took back: hello\nyou> typed meanwhile")
        person.types("\x15")

    at_terminal(asked, script)
    with History.open() as history:
        assert history.show(1).path == ()
