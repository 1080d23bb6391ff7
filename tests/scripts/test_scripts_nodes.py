"""YAML of strangers: plain values by YAML 1.2, and nothing that runs, loops or explodes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatbot.errors import ScriptError
from chatbot.scripts.nodes import Node, parse_yaml
from chatbot.scripts.scalars import scalar

PATH = Path("a.yaml")


def plain(node: Node) -> Any:
    if isinstance(node.value, list):
        return [plain(one) for one in node.value]
    return {name: plain(one) for name, one in node.value.items()} if isinstance(node.value, dict) else node.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("off", "off"),
        ("1:30", "1:30"),
        ("012", 12),
        ("-3", -3),
        ("1.50", 1.5),
        ("1e3", 1000.0),
        ("True", True),
        ("~", None),
        ("", None),
        ("'1'", "1"),
        ('"\\u00e9"', "é"),
        ("2026-01-01", "2026-01-01"),
        ("[1, [2]]", [1, [2]]),
        ("{a: 1, b: {c: no}}", {"a": 1, "b": {"c": "no"}}),
        ("|\n  a\n  b\n", "a\nb\n"),
        (">-\n  a\n  b\n", "a b"),
        ("[&x a, *x]", ["a", "a"]),
        ("%YAML 1.2\n---\na\n", "a"),
        ("9" * 50, "9" * 50),
    ],
)
def test_values(text: str, value: Any) -> None:
    assert plain(parse_yaml(text, PATH)) == value


def test_every_node_knows_its_line() -> None:
    node = parse_yaml("a: 1\nb:\n  - x\n  - c:\n      d\n", PATH)
    assert (node.line, node.value["a"].line, node.value["b"].line) == (1, 1, 2)
    second = node.value["b"].value[1]
    assert (second.line, second.value["c"].line) == (4, 4)  # of a key's value, the key's
    assert node.size == 6


BILLION = "\n".join(["a0: &a0 [x]", *(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 10))])


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (BILLION, "6: holds more than 200,000 values, aliases counted; split the file"),
        ("[" * 13 + "]" * 13, "1: nested deeper than 12 levels"),
        ("[" * 100_000, "1: nested deeper than 12 levels"),
        ("a: " + "{b: " * 5000, "1: nested deeper than 12 levels"),
        ("a: &x [*x]", "1: the alias *x is part of what it repeats"),
        ("a: *x", "1: the alias *x repeats an anchor not seen before"),
        ("a: 1\nb: 2\na: 3", "3: the key 'a' stands on line 1 already"),
        ("!!python/object/apply:os.system [ls]", "1: tags such as 'tag:yaml.org,2002:python/object/apply:os.system'"),
        ("a: !!str 1", "1: tags such as 'tag:yaml.org,2002:str' are not read; leave it out"),
        ("a\n---\nb", "2: a second document begins; write one document with 'dialogues:' instead"),
        ("? [a]\n: b", "1: a key must be a plain word"),
        ("a: 'x", "1: not valid YAML: while scanning a quoted scalar found unexpected end of stream"),
        ("a: b: c", "1: not valid YAML: mapping values are not allowed here"),
        ("a: [1, 2", "1: not valid YAML: while parsing a flow sequence"),
        ("\t- a", "1: not valid YAML: while scanning for the next token found character"),
        ("a: 1\nb: \x07", '2: a character that must be written "\\u0007", in double quotes'),
        ("a: @x", "1: not valid YAML: while scanning for the next token found character '@'"),
        ("%TAG ! x\n%TAG ! y\n---\na", "2: not valid YAML: "),
        ("%YAML 3.0\n---\na", "1: not valid YAML: "),
    ],
)
def test_what_is_refused(text: str, error: str) -> None:
    with pytest.raises(ScriptError) as caught:
        parse_yaml(text, PATH)
    assert str(caught.value).startswith(f"a.yaml:{error}"), str(caught.value)
    assert "\n" not in str(caught.value)


@settings(max_examples=60)
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_with_a_line(text: str) -> None:
    message = ""
    try:
        parse_yaml(text, PATH)
    except ScriptError as error:
        message = str(error)
    assert not message or message.startswith("a.yaml:")
    assert "\n" not in message


@settings(max_examples=60)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40))
def test_what_is_written_reads_as_the_same(text: str) -> None:
    assert plain(parse_yaml(f"a:\n  - {scalar(text)}\nb: {scalar(text)}\n", PATH)) == {"a": [text], "b": text}
