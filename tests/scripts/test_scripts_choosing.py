"""Expressions over names and tags, as people type them."""

from __future__ import annotations

import pytest

from chatbot.errors import UsageError
from chatbot.scripts.choosing import LONGEST, by_name, by_tags


@pytest.mark.parametrize(
    ("expression", "tags", "wanted"),
    [
        ("a", {"a"}, True),
        ("a", {"ab"}, False),
        ("not a", {"a"}, False),
        ("a and b", {"a"}, False),
        ("a or b", {"b"}, True),
        ("a or b and c", {"a"}, True),
        ("(a or b) and c", {"a"}, False),
        ("not (a or b)", {"c"}, True),
        ("not a or b", {"a", "b"}, True),
        ("not not a", {"a"}, True),
        ("a,b", {"b"}, True),
        ("a, b and c", {"b"}, False),
        ('"odd one"', {"odd one"}, True),
        ("'odd one' and a", {"odd one", "a"}, True),
        ("slow-and-loud", {"slow-and-loud"}, True),
        ("größe", {"größe"}, True),
    ],
)
def test_tags(expression: str, tags: set[str], wanted: bool) -> None:
    assert by_tags(expression)(tags) is wanted


def test_names_are_matched_by_their_parts_whatever_the_case() -> None:
    wanted = by_name("Greet and not 'at night'")
    assert wanted("it greets")
    assert not wanted("it greets at night")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a and", "a word at the end"),
        ("and a", "a word before 'and'"),
        ("a b", "'and' or 'or' before 'b'"),
        ("(a", "a closing bracket"),
        ("a)", "'and' or 'or' before ')'"),
        ("()", "a word before ')'"),
        ("'a", "a closing quote"),
        ("not", "a word at the end"),
        (" ", "a word at the end"),
    ],
)
def test_what_cannot_be_read_says_what_is_missing(expression: str, expected: str) -> None:
    with pytest.raises(UsageError) as error:
        by_name(expression)
    assert str(error.value).endswith(f": expected {expected}")


def test_brackets_cannot_exhaust_the_stack() -> None:
    by_name("(" * 300 + "a" + ")" * 300)
    with pytest.raises(UsageError, match="at most"):
        by_name("(" * LONGEST + "a")
