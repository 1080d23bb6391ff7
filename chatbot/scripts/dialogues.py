"""The nodes of a YAML file -> dialogues, checked: keys, types, settings, variables."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chatbot.errors import ScriptError
from chatbot.scripts.columns import read_columns
from chatbot.scripts.mappings import unknown_key
from chatbot.scripts.nodes import Node
from chatbot.scripts.quantities import Number
from chatbot.scripts.script import Dialogue, ScriptTurn
from chatbot.scripts.settings import Decoding
from chatbot.scripts.shapes import OneOrMore, Shape, Text
from chatbot.scripts.turns import check_variables, read_turn

MOST_SAMPLES = 1000
READ: dict[str, Shape] = {
    "model": Text(),
    "seed": Number(0, 2**63 - 1, whole=True),
    "tags": OneOrMore(Text()),
    "samples": Number(1, MOST_SAMPLES, whole=True),
    "pass_rate": Number(0, 1),
    "settings": Decoding(),
}  # a file's own are those of all its dialogues that have none
ONE = ("name", *READ, "turns", "transcript")
MANY = (*READ, "include", "dialogues")


class Files(ABC):
    """Where included dialogues come from."""

    @abstractmethod
    def included(self, named: str, by: Path, where: str) -> list[Dialogue]:
        """The dialogues of the file that `by` names at `where`."""


def read_dialogues(node: Node, files: Files) -> Iterator[Dialogue]:
    """The dialogues of a file: the only one, or those of `dialogues` and `include`."""
    if not isinstance(node.value, dict):
        raise node.wrong("expected a dialogue: write 'turns:' and under it '- user: hello'")
    if not {"dialogues", "include"} & set(node.value):
        stem = node.path.name.split(".")[0] or node.path.name
        yield _dialogue(node, {}, stem, files)
        return
    common = _common(node, MANY)
    for named in OneOrMore(Text()).read(node.value["include"]) if "include" in node.value else ():
        yield from files.included(named, node.path, node.value["include"].where)
    if "dialogues" in node.value:
        listed = node.value["dialogues"]
        if not isinstance(listed.value, list) or not listed.value:
            raise listed.wrong("expected a list of dialogues")
        for number, one in enumerate(listed.value, start=1):
            yield _dialogue(one, common, f"dialogue {number}", files)


def _dialogue(node: Node, common: dict[str, Any], unnamed: str, files: Files) -> Dialogue:
    own = _common(node, ONE)
    name = Text().read(node.value["name"]) if "name" in node.value else unnamed
    if len({"turns", "transcript"} & set(node.value)) != 1:
        raise node.wrong("expected either 'turns' or 'transcript'")
    turns = tuple(_transcript(node) if "transcript" in node.value else _turns(node.value["turns"], files))
    check_variables(turns)
    settings = common.get("settings", {}) | own.get("settings", {})
    tags = tuple(dict.fromkeys(common.get("tags", ()) + own.get("tags", ())))
    return Dialogue(name, node.path, node.line, turns, **{**common, **own, "settings": settings, "tags": tags})


def _common(node: Node, known: tuple[str, ...]) -> dict[str, Any]:
    """What a file and a dialogue may both say."""
    if not isinstance(node.value, dict):
        raise node.wrong("expected a dialogue with 'turns'")
    for name, value in node.value.items():
        if name not in known:
            raise unknown_key(name, value, dict.fromkeys(known))
    return {name: shape.read(node.value[name]) for name, shape in READ.items() if name in node.value}


def _turns(node: Node, files: Files) -> Iterator[ScriptTurn]:
    if not isinstance(node.value, list) or not node.value:
        raise node.wrong("expected a list of turns such as '- user: hello'")
    for item in node.value:
        if isinstance(item.value, dict) and list(item.value) == ["include"]:
            named = item.value["include"]
            dialogues = files.included(Text().read(named), named.path, named.where)
            if len(dialogues) != 1:
                raise ScriptError(
                    f"{named.where}: to include its turns a file must hold one dialogue, not {len(dialogues)}"
                )
            yield from dialogues[0].turns
        else:
            yield read_turn(item)


def _transcript(node: Node) -> Iterator[ScriptTurn]:
    written = node.value["transcript"]
    lines = Text().read(written).splitlines()
    dialogues = read_columns(lines, written.path, written.line + 1)
    if len(dialogues) != 1:
        raise ScriptError(f"{written.where}: expected one dialogue, but found {len(dialogues)}; leave out empty lines")
    yield from dialogues[0].turns
