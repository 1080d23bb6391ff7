"""Scripted dialogues -> the lines of a YAML file that reads as the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from chatbot.scripts.scalars import scalar
from chatbot.scripts.script import Dialogue, ScriptTurn
from chatbot.terminal import one_line


def script_lines(dialogues: Sequence[Dialogue], remarks: Sequence[Sequence[str]]) -> Iterator[str]:
    """One dialogue, or many under `dialogues`; `remarks` has for each turn of each what stands above it, or ""."""
    if len(dialogues) == 1:
        yield from _dialogue(dialogues[0], remarks[0])
        return
    yield "dialogues:"
    for dialogue, above in zip(dialogues, remarks, strict=True):
        for number, line in enumerate(_dialogue(dialogue, above)):
            yield ("    " if number else "  - ") + line


def _dialogue(dialogue: Dialogue, remarks: Sequence[str]) -> Iterator[str]:
    yield f"name: {scalar(dialogue.name)}"
    if dialogue.model:
        yield f"model: {scalar(dialogue.model)}"
    if dialogue.settings:
        yield from _entry("settings", dialogue.settings)
    if dialogue.seed:
        yield f"seed: {dialogue.seed}"
    if dialogue.tags:
        yield from _entry("tags", dialogue.tags)
    if dialogue.samples > 1:
        yield f"samples: {dialogue.samples}"
    if dialogue.pass_rate < 1:
        yield f"pass_rate: {dialogue.pass_rate}"
    yield "turns:"
    for turn, remark in zip(dialogue.turns, remarks, strict=True):
        yield from _turn(turn, remark)


def _turn(turn: ScriptTurn, remark: str) -> Iterator[str]:
    if remark:
        yield f"  # {one_line(remark)}"
    yield f"  - user: {scalar(turn.user)}"
    for one in turn.expectations:
        yield from (f"    {line}" for line in _entry(one.spelled, one.argument))


def _entry(name: str, value: Any) -> Iterator[str]:
    """A key and its value, on a line or several."""
    if isinstance(value, tuple) and len(value) == 1:
        value = value[0]
    if isinstance(value, dict):
        yield f"{name}:"
        for key, inner in value.items():
            yield from (f"  {line}" for line in _entry(key, inner))
    elif isinstance(value, tuple):
        yield f"{name}:"
        yield from (f"  - {_single(one)}" for one in value)
    else:
        yield f"{name}: {_single(value)}"


def _single(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return scalar(value) if isinstance(value, str) else str(value)
