from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.bundle.strict_json import strict_json
from chatbot.errors import BundleError

LINES = {
    b'{"a": 1, "a": 2}': "the key 'a' stands twice",
    b'{"a": {"b": 1, "b": 1}}': "the key 'b' stands twice",
    b'{"a": NaN}': "NaN is not a number",
    b'{"a": [-Infinity]}': "-Infinity is not a number",
    b'{"a": 1e999}': "the number 1e999 is too large",
    b'{"a": 1' + b"0" * 5000 + b"}": "is too long",
    b'{"a": ' + b"[" * 400_000: "nested too deeply",
    b'{"' + b"k" * 201 + b'": 1}': "a key is longer than 200 characters",
    b'{"a": "\\ud800"}': "lone surrogate",
    b'{"a": "\xff"}': "must be UTF-8 text, but byte 7 is not",
    b"[1, 2]": "must be a JSON object, but holds a list",
    b'{"a": 1': "not valid JSON (line 1)",
    b"": "not valid JSON (line 1)",
    b"\xef\xbb\xbf{}": "not valid JSON (line 1)",
}


@pytest.mark.parametrize("content", LINES, ids=lambda content: repr(content[:12]))
def test_what_is_refused_gets_one_line(content: bytes) -> None:
    with pytest.raises(BundleError) as raised:
        strict_json(content, "config.json")
    line = str(raised.value)
    assert line.startswith("config.json: ")
    assert LINES[content] in line
    assert "\n" not in line
    assert len(line) < 300


def test_ordinary_json_is_read() -> None:
    assert strict_json('{"a": [1, -2.5e3, true, null, "é\\u00e9"]}'.encode(), "x") == {
        "a": [1, -2500.0, True, None, "éé"]
    }


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with contextlib.suppress(BundleError):
        assert isinstance(strict_json(content, "x"), dict)
