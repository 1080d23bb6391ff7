"""The session without a terminal's abilities: the same commands and the same rows, line by line."""

from __future__ import annotations

import builtins
import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chatbot.dialogue.model import Model
from chatbot.errors import StoreError
from chatbot.repl.plain import talk_in_lines
from chatbot.repl.talk import Asked
from chatbot.repl.view import AGAIN
from chatbot.store.history import History

Talk = Callable[..., str]


@pytest.fixture
def talk(tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Talk:
    """Type lines (or raise what is no line); what is printed besides the prompts."""
    with History.open():
        pass

    def call(*typed: str | BaseException, **asked: Any) -> str:
        lines = iter([*typed, EOFError()])

        def read(prompt: str) -> str:
            line = next(lines)
            if isinstance(line, BaseException):
                raise line
            return line

        monkeypatch.setattr(builtins, "input", read)
        talk_in_lines(Asked(**{"model": str(tiny_bundle), **asked}))
        return capsys.readouterr().out

    return call


def test_lines_are_answered_and_kept(talk: Talk) -> None:
    said = talk("hello", "", "how are you?").splitlines()
    with History.open() as history:
        path = history.show(1).path
    assert [f"bot> {step.reply.text}" for step in path if step.reply] == said[:2]


def test_commands_errors_and_leaving(talk: Talk) -> None:
    said = talk("/set beam_size 2", "/xyzzy", "/retry", "/quit", "never read").splitlines()
    assert said == [
        "beam_size is 2",
        "! unknown command '/xyzzy'; type /help for a list, or //xyzzy to say it",
        "! /retry cannot work now: nothing was said yet",
    ]


def test_ctrl_c_at_the_prompt_says_how_to_leave(talk: Talk) -> None:
    assert talk(KeyboardInterrupt()).splitlines() == ["", AGAIN, ""]
    assert talk(KeyboardInterrupt(), KeyboardInterrupt(), "never read").splitlines() == ["", AGAIN, ""]
    assert talk(KeyboardInterrupt(), "/set seed 1", KeyboardInterrupt()).splitlines().count(AGAIN) == 2


def test_ctrl_c_stops_a_reply(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = Model.answer

    def slowly(self: Model, turns: Any, own: Any, settings: Any, seed: Any = None, stop: Any = None, *more: Any) -> Any:
        os.kill(os.getpid(), signal.SIGINT)
        while not stop():
            time.sleep(0.001)
        return replace(answer(self, turns, own, settings, seed, None, *more), complete=False)

    monkeypatch.setattr(Model, "answer", slowly)
    assert "(stopped)" in talk("hello")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_another_model_is_loaded_at_once_or_refused(talk: Talk, tiny_bundle: Path) -> None:
    said = talk("/model nope", f"/model {tiny_bundle}").splitlines()
    assert said[0] == "Loading nope ..."
    assert said[1].startswith("! no model named 'nope'")
    assert said[-2] == "Talking with tiny."


def test_nothing_is_said_that_cannot_be_kept(talk: Talk, tmp_path: Path) -> None:
    (tmp_path / "no.db").write_bytes(b"this is no database " * 100)
    with pytest.raises(StoreError):
        talk("hello", database=str(tmp_path / "no.db"))
