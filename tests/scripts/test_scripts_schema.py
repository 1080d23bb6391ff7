"""The shipped JSON Schema is that of the table, takes every script here, and refuses what the reader refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from chatbot.errors import ScriptError
from chatbot.scripts.expectations.table import TABLE
from chatbot.scripts.reading import read_script
from chatbot.scripts.schema import as_text, schema, shipped_schema

DIALOGUES = Path(__file__).resolve().parents[1] / "dialogues"
AGAIN = "write it again: python -c 'from chatbot.scripts.schema import *; FILE.write_text(as_text())'"
VALIDATOR = jsonschema.Draft202012Validator(schema())


def accepts(text: str) -> bool:
    loaded: Any = YAML(typ="safe", pure=True).load(text)
    return bool(VALIDATOR.is_valid(loaded))


def reads(text: str, folder: Path) -> bool:
    path = folder / "a.dialogue.yaml"
    path.write_text(text, encoding="utf-8")
    try:
        read_script(path)
    except ScriptError:
        return False
    return True


def test_the_shipped_schema_is_that_of_the_table() -> None:
    assert shipped_schema() == as_text(), AGAIN
    jsonschema.Draft202012Validator.check_schema(schema())


def test_it_knows_every_expectation_and_its_negation() -> None:
    known = schema()["$defs"]["turn"]["properties"]
    assert {name for one in TABLE for name in (one, f"not_{one}")} | {"user", "capture", "expect"} == set(known)


@pytest.mark.parametrize("path", sorted(DIALOGUES.glob("*.yaml")), ids=lambda path: path.name)
def test_it_takes_the_projects_own_scripts(path: Path) -> None:
    VALIDATOR.validate(YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8")))
    assert read_script(path).dialogues


def turn(text: str) -> str:
    return f"turns:\n  - user: hello\n    {text}\n"


GOOD = [
    "turns: [{user: ''}]",
    "transcript: |\n  > a\n",
    "dialogues: [{name: a, turns: [{user: x}]}]",
    "seed: 3\ntags: [a, b]\nsamples: 2\npass_rate: 0.5\nmodel: x\nsettings: {beam_size: 3}\nturns: [{user: x}]",
    *map(
        turn,
        (
            "reply: ''",
            "not_any_of: [a, b]",
            "words: 3",
            "words: at least 3",
            "words: 1 to 2.5",
            "words: {min: 3}",
            "similar_to: {to: [a, b], max: 3}",
            "no_unknown: true",
            "differs_from: [1, all]",
            "from_corpus: data",
            "in_beam: {text: a, beam: 3}",
            "rank: 1",
            "rank: {of: a, max: 3}",
            "margin: {over: a, min: 0}",
            "latency_ratio: {to: {temperature: 1}, max: 3}",
            "command: {run: /why, not_contains: a}",
            "stored: {turns: 1, bookmarked: true}",
            "translation: {to: de, from: en, is: a}",
            "tags: {PER: Anna, LOC: [Rome, Oslo]}",
            "expect: [{contains: a}, {contains: b}]",
            "capture: {name: '(a)'}",
        ),
    ),
]
BAD = [
    "",
    "3",
    "[]",
    "turns: []",
    "turns: 3",
    "turns: [{}]",
    "turns: [{words: 3}]",
    "turns: [{user: 3}]",
    "turns: [{user: x}]\ntranscript: x",
    "turns: [{user: x}]\nunknown: x",
    "turns: [{user: x}]\nseed: x",
    "turns: [{user: x}]\nseed: -1",
    "turns: [{user: x}]\nsamples: 0",
    "turns: [{user: x}]\npass_rate: 1.5",
    "turns: [{user: x}]\nsettings: {beams: 3}",
    "turns: [{user: x}]\nsettings: {beam_size: 0}",
    "turns: [{user: x}]\nsettings: {temperature: hot}",
    "turns: [{user: x}]\nsettings: {seed: 3}",
    "turns: [{user: x}]\ntags: []",
    "dialogues: []",
    "dialogues: [{name: a}]",
    "name: x\ndialogues: [{turns: [{user: x}]}]",
    *map(
        turn,
        (
            "unknown: x",
            "contains: ''",
            "contains: []",
            "contains: 3",
            "any_of: a",
            "no_repeat: false",
            "words: lots",
            "words: {}",
            "words: {least: 3}",
            "similar_to: {min: 3}",
            "differs_from: 0",
            "differs_from: none",
            "in_beam: {text: a, beam: 0}",
            "in_beam: {beam: 3}",
            "rank: {of: a}",
            "attends: {min: 3}",
            "command: {run: /why}",
            "command: /why",
            "stored: {}",
            "tags: Anna",
            "tags: {PER: []}",
            "stored: {bookmarked: false}",
            "translation: {to: de}",
            "expect: {contains: a}",
            "expect: [{contains: a, words: 3}]",
            "expect: [{}]",
            "capture: {}",
            "capture: {1x: a}",
        ),
    ),
]


@pytest.mark.parametrize("text", GOOD)
def test_what_is_read_is_accepted(text: str, tmp_path: Path) -> None:
    assert reads(text, tmp_path)
    assert accepts(text)


@pytest.mark.parametrize("text", BAD)
def test_what_is_refused_is_not_accepted(text: str, tmp_path: Path) -> None:
    assert not reads(text, tmp_path)
    assert not accepts(text)
