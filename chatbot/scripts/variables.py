"""Variables of a dialogue: `$name` in what is said and expected, filled with what was captured from earlier replies."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from chatbot.errors import ScriptError
from chatbot.scripts.patterns import Pattern, escaped, search
from chatbot.scripts.script import ScriptTurn

NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_USED = re.compile(rf"\$(\$|{NAME})")


def names_in(value: Any) -> Iterator[str]:
    """The variables that a text, or any text in an expectation's argument, uses."""
    for text in _texts(value):
        yield from (name for name in _USED.findall(text) if name != "$")


def filled(turn: ScriptTurn, values: Mapping[str, str]) -> ScriptTurn:
    """The turn with each `$name` replaced and each `$$` a dollar sign; in patterns a value matches itself alone."""
    expectations = tuple(replace(one, argument=_mapped(one.argument, values)) for one in turn.expectations)
    captures = tuple(replace(one, pattern=_mapped(Pattern(one.pattern), values)) for one in turn.captures)
    return replace(turn, user=_mapped(turn.user, values), expectations=expectations, captures=captures)


def captured(turn: ScriptTurn, reply: str, values: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The variables after a reply to a filled turn; and for each pattern that found nothing, a line saying so."""
    known, failures = dict(values), []
    for capture in turn.captures:
        found, why = None, "does not match"
        try:
            found = search(capture.pattern, reply)
        except ScriptError as error:
            why = f"is {error}"
        if found is None:
            failures.append(f'holds nothing that ${capture.name} could be: "{capture.pattern[:100]}" {why}')
        known[capture.name] = found or ""
    return known, failures


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple | dict):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)


def _mapped(value: Any, values: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        spell: Callable[[str], str] = escaped if isinstance(value, Pattern) else str
        return type(value)(_USED.sub(lambda m: "$" if m[1] == "$" else spell(values[m[1]]), value))
    if isinstance(value, tuple):
        return tuple(_mapped(one, values) for one in value)
    return {name: _mapped(one, values) for name, one in value.items()} if isinstance(value, dict) else value
