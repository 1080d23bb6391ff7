"""The shapes that scripts are read with -> a JSON Schema, for editors; it is shipped as dialogue.schema.json.

It cannot say all that the reader checks: variables, included files, names that are taken, patterns, settings together.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from chatbot.scripts.dialogues import MANY, ONE, READ
from chatbot.scripts.expectations.table import TABLE
from chatbot.scripts.mappings import Labelled
from chatbot.scripts.shapes import Expression, OneOrMore, Text
from chatbot.scripts.turns import NEGATED
from chatbot.scripts.variables import NAME

FILE = Path(__file__).with_name("dialogue.schema.json")
DIALECT = "https://json-schema.org/draft/2020-12/schema"

MANY_DIALOGUES = {"type": "object", "anyOf": [{"required": ["include"]}, {"required": ["dialogues"]}]}


def shipped_schema() -> str:
    """The schema as it is shipped."""
    return FILE.read_text(encoding="utf-8")


def as_text() -> str:
    """The schema as it must be shipped."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


def schema() -> dict[str, Any]:
    """What a *.dialogue.yaml may hold."""
    return {
        "$schema": DIALECT,
        "title": "Scripted dialogues for chatbot test",
        "if": MANY_DIALOGUES,
        "then": {"$ref": "#/$defs/file"},
        "else": {"$ref": "#/$defs/dialogue"},
        "$defs": {"file": _file(), "dialogue": _dialogue(), "turn": _turn(), **_expectations()},
    }


def _file() -> dict[str, Any]:
    dialogues = {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/dialogue"}}
    known = _known(MANY) | {"include": OneOrMore(Text()).schema(), "dialogues": dialogues}
    return _object(known)


def _dialogue() -> dict[str, Any]:
    include = _object({"include": Text().schema()}) | {"required": ["include"]}
    turns = {"type": "array", "minItems": 1, "items": {"anyOf": [{"$ref": "#/$defs/turn"}, include]}}
    known = _known(ONE) | {"name": Text().schema(), "turns": turns, "transcript": Text().schema()}
    return _object(known) | {"oneOf": [{"required": ["turns"]}, {"required": ["transcript"]}]}


def _known(keys: tuple[str, ...]) -> dict[str, Any]:
    return {name: shape.schema() for name, shape in READ.items() if name in keys}


def _turn() -> dict[str, Any]:
    names = [prefix + name for name in TABLE for prefix in ("", NEGATED)]
    expectations = {name: {"$ref": f"#/$defs/{name}"} for name in names}
    one = _object(expectations) | {"minProperties": 1, "maxProperties": 1}
    capture = Labelled("NAME", Expression()).schema() | {"propertyNames": {"pattern": f"^{NAME}$"}}
    own = {"user": Text(empty=True).schema(), "capture": capture, "expect": {"type": "array", "items": one}}
    return _object(own | expectations) | {"required": ["user"]}


def _expectations() -> dict[str, Any]:
    found = {}
    for kind in TABLE.values():
        found[kind.name] = {"description": kind.help, **kind.shape.schema()}
        found[NEGATED + kind.name] = {"description": f"not: {kind.help}", "$ref": f"#/$defs/{kind.name}"}
    return found


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": properties}
