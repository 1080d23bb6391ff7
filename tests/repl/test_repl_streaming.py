"""A reply as it grows, and Ctrl-C: once stops it, twice leaves."""

from __future__ import annotations

import threading
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from emulator import Person, at_terminal
from prompt_toolkit.utils import get_cwidth

from chatbot.dialogue.model import Model
from chatbot.repl.answering import growing
from chatbot.repl.talk import Asked
from chatbot.repl.wrapping import wrap
from chatbot.store.history import History

SAID = "It is never too late for tea, and the bus is late again, so we take the bicycle."


@pytest.fixture
def going_on(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Replies are half said until this event is set, or until they are stopped."""
    event, answer = threading.Event(), Model.answer

    def slowly(self: Model, turns: Any, own: Any, settings: Any, seed: Any, stop: Any, shown: Any, hear: Any) -> Any:
        reply = replace(answer(self, turns, own, settings, seed), text=SAID)
        for part in SAID[:50].split(" "):
            hear(part + " ")
        while not event.wait(0.005):
            if stop():
                return replace(reply, text=SAID[:50], complete=False)
        hear(SAID[50:])
        return reply

    monkeypatch.setattr(Model, "answer", slowly)
    return event


@pytest.mark.parametrize("columns", [20, 40, 250])
@pytest.mark.parametrize("said", ["", "Yes", SAID, SAID * 9, "世界 " * 40, "x" * 300])
def test_what_grows_fits_and_is_broken_as_it_will_be(said: str, columns: int) -> None:
    answering = SimpleNamespace(growing=said, dots="···", errand=False)
    shown = "".join(text for _, text in growing(answering, columns, 14))  # type: ignore[arg-type]
    lines = shown.removesuffix("\n").split("\n")
    assert all(get_cwidth(line) <= columns for line in lines)
    assert len(lines) <= 14 // 2 + 1
    assert shown.startswith("bot> ")
    assert lines[-1].endswith("···")
    printed = wrap(said, columns - 5, columns - 5)
    assert lines[0][5:].removesuffix(" ···").removesuffix("···") in printed


@pytest.mark.parametrize("columns", [40, 80])
def test_a_reply_is_shown_while_it_grows(asked: Asked, going_on: threading.Event, columns: int) -> None:
    async def script(person: Person) -> None:
        await person.is_ready()
        person.types("hello\r")
        await person.sees("bot> It is never too late")
        growing = person.screen.replace("\n     ", " ")
        assert SAID[:40] in growing
        assert SAID[55:] not in growing
        person.types("typed meanwhile")
        await person.sees("you> typed meanwhile")
        going_on.set()
        await person.until(lambda: not person.session.answering.busy)
        await person.sees("bicycle.\nyou> typed meanwhile")
        assert person.screen.count("bot> ") == 1
        person.types("\x15")

    person = at_terminal(asked, script, columns=columns, lines=15)
    assert SAID in person.screen.replace("\n     ", " ")


def test_ctrl_c_keeps_what_is_there_and_again_leaves(asked: Asked, going_on: threading.Event) -> None:
    async def script(person: Person) -> None:
        await person.is_ready()
        person.types("hello\r")
        await person.sees("bot> It is never")
        person.types("\x03")
        await person.sees("(stopped)")
        person.types("\x03")
        await person.until(lambda: person.left)
        going_on.set()

    at_terminal(asked, script)
    with History.open() as history:
        (step,) = history.show(1).path
    assert step.reply
    assert (step.reply.text, step.reply.complete) == (SAID[:50], False)


def test_ctrl_c_twice_at_the_prompt_leaves_but_not_with_something_typed_between(asked: Asked) -> None:
    ended = []

    async def script(person: Person) -> None:
        await person.is_ready()
        for _ in range(3):
            person.types("a line\x03")
            await person.until(lambda: "a line" not in person.screen)
        assert not person.left
        person.types("\x03")
        await person.until(lambda: person.left)
        ended.append(True)

    at_terminal(asked, script)
    assert ended
