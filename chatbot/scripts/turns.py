"""The node of a turn -> what is said, what is captured, and what is expected of the reply."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from chatbot.errors import ScriptError
from chatbot.scripts.expectations.table import TABLE
from chatbot.scripts.mappings import unknown_key
from chatbot.scripts.nodes import Node
from chatbot.scripts.patterns import Pattern
from chatbot.scripts.script import Capture, Expectation, ScriptTurn
from chatbot.scripts.shapes import Expression, Text
from chatbot.scripts.variables import NAME, names_in

KEYS = ("user", "capture", "expect")
NEGATED = "not_"
_VARIABLE = Pattern(f"^{NAME}$")


def read_turn(node: Node) -> ScriptTurn:
    """A turn: `user`, perhaps `capture`, and expectations as keys beside them or as a list under `expect`."""
    if not isinstance(node.value, dict) or "user" not in node.value:
        raise node.wrong("expected a turn with 'user'")
    said = Text(empty=True).read(node.value["user"])
    expectations = [_expectation(name, one) for name, one in node.value.items() if name not in KEYS]
    if "expect" in node.value:
        expectations += _listed(node.value["expect"])
    captures = tuple(_captures(node.value["capture"])) if "capture" in node.value else ()
    return ScriptTurn(said, node.line, node.path, tuple(expectations), captures)


def _listed(node: Node) -> Iterator[Expectation]:
    if not isinstance(node.value, list):
        raise node.wrong("expected a list of expectations such as '- words: 1 to 9'")
    for item in node.value:
        if not isinstance(item.value, dict) or len(item.value) != 1:
            raise item.wrong("expected one expectation such as 'words: 1 to 9'")
        yield from (_expectation(name, one) for name, one in item.value.items())


def _expectation(name: str, node: Node) -> Expectation:
    """An expectation by its name; one that itself begins with not_ is found first."""
    plain = name if name in TABLE else name.removeprefix(NEGATED)
    if plain not in TABLE:
        known = dict.fromkeys([*KEYS, *TABLE] if not name.startswith(NEGATED) else [NEGATED + one for one in TABLE])
        raise unknown_key(name, node, known)
    return Expectation(plain, plain != name, TABLE[plain].shape.read(node), node.line)


def _captures(node: Node) -> Iterator[Capture]:
    if not isinstance(node.value, dict) or not node.value:
        raise node.wrong("expected variables and their patterns such as {name: 'I am (\\w+)'}")
    for name, pattern in node.value.items():
        from chatbot.scripts.patterns import search

        if search(_VARIABLE, name) is None:
            raise ScriptError(f"{pattern.where}: a variable's name is letters, digits and _, but found {name!r}")
        yield Capture(name, cast(str, Expression().read(pattern)), pattern.line)


def check_variables(turns: tuple[ScriptTurn, ...]) -> None:
    """`ScriptError` where a variable is used that no turn before captured."""
    known: set[str] = set()
    for turn in turns:
        texts = [(turn.user, turn.line), *((one.argument, one.line) for one in turn.expectations)]
        for value, line in [*texts, *((one.pattern, one.line) for one in turn.captures)]:
            for name in names_in(value):
                if name not in known:
                    raise ScriptError(
                        f"{turn.path}:{line}: ${name} was not captured before; write $$ for a dollar sign"
                    )
        known |= {capture.name for capture in turn.captures}
