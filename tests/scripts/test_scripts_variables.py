"""Variables: captured from replies, filled in where they are used, as plain text even in patterns."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatbot.errors import ScriptError
from chatbot.scripts.nodes import parse_yaml
from chatbot.scripts.patterns import Pattern, search
from chatbot.scripts.script import ScriptTurn
from chatbot.scripts.turns import read_turn
from chatbot.scripts.variables import captured, filled, names_in

VALUES = {"a": "x.y", "b_2": "(", "ab": "no"}


def turn(text: str) -> ScriptTurn:
    return read_turn(parse_yaml(text, Path("a.yaml")))


def test_texts_are_filled_wherever_they_stand() -> None:
    found = filled(
        turn(
            "user: $a, $$a, $ab and $ 5$\ncontains: [$b_2]\nwords: 3\n"
            "stored: {said: $a, turns: 1}\nmatches: ^$a$\ncapture: {c: '$b_2(.)'}"
        ),
        VALUES,
    )
    assert found.user == "x.y, $a, no and $ 5$"
    arguments = {one.name: one.argument for one in found.expectations}
    assert arguments["contains"] == ("(",)
    assert arguments["stored"]["said"] == ("x.y",)
    assert arguments["matches"] == (r"^x\.y$",)
    assert found.captures[0].pattern == r"\((.)"


def test_what_was_captured_is_the_first_group_or_all_of_it() -> None:
    one = turn("user: x\ncapture: {whole: 'I am \\w+', name: 'am (\\w+)', none: z}")
    known, failures = captured(one, "I am Anna.", {"old": "o"})
    assert known == {"old": "o", "whole": "I am Anna", "name": "Anna", "none": ""}
    assert failures == ['holds nothing that $none could be: "z" does not match']


def test_the_variables_of_a_text() -> None:
    assert list(names_in("$a $$b $c1 $1 $")) == ["a", "c1"]
    assert list(names_in({"x": ("$a", Pattern("$b")), "y": 3})) == ["a", "b"]


def test_patterns_take_linear_time() -> None:
    assert search("(a*)*b", "a" * 100_000) is None
    assert search("(x+x+)+y", "x" * 100_000) is None


def test_a_pattern_that_grew_too_large_is_an_error() -> None:
    with pytest.raises(ScriptError, match="not a pattern of RE2's syntax: "):
        search("(" + "a" * 200 + "){900}", "a")
    huge = turn("user: x\ncapture: {c: '($a){900}'}")
    known, failures = captured(filled(huge, {"a": "a" * 200}), "a", {})
    assert known == {"c": ""}
    assert "is not a pattern of RE2's syntax: " in failures[0]
