"""Dialogues for tests of running them, made without files; and files of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from toy_dialogue import toy_model

from chatbot.dialogue.model import Model
from chatbot.scripts.running import Models
from chatbot.scripts.script import Capture, Dialogue, Expectation, ScriptTurn

PATH = Path("toy.dialogue.yaml")


def turn(user: str, line: int = 3, captures: tuple[Capture, ...] = (), **expected: Any) -> ScriptTurn:
    """A turn whose expectations stand on the lines after it; `not_` before a name negates it."""
    expectations = tuple(
        Expectation(name.removeprefix("not_"), name.startswith("not_"), argument, line + place)
        for place, (name, argument) in enumerate(expected.items(), start=1)
    )
    return ScriptTurn(user, line, PATH, expectations, captures)


def dialogue(*turns: ScriptTurn, name: str = "one", **fields: Any) -> Dialogue:
    return Dialogue(name, PATH, 2, turns, **fields)


def toy_models(model: Model | None = None) -> Models:
    """The toy model, whatever name is asked for."""
    return Models(load=lambda name: model or toy_model())
