from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.corpus.encoding import decode


@pytest.mark.parametrize(
    ("raw", "text", "encoding"),
    [
        (b"plain\n", "plain\n", "ascii"),
        (b"don\x92t \x97 \xe9", "don’t — é", "cp1252"),
        ("naïve ’".encode(), "naïve ’", "UTF-8"),
        (b"\xef\xbb\xbfL1", "L1", "UTF-8"),
        (b"a\x81b\x8d\x8f\x90\x9d\x92", "a\x81b\x8d\x8f\x90\x9d’", "cp1252, latin-1 where undefined"),
    ],
)
def test_examples(raw: bytes, text: str, encoding: str) -> None:
    assert decode(raw) == (text, encoding)


@given(st.binary())
def test_every_byte_string_has_a_text_without_surrogates(raw: bytes) -> None:
    text, _ = decode(raw)
    assert not any("\ud800" <= character <= "\udfff" for character in text)


@given(st.text())
def test_utf8_is_read_as_utf8(text: str) -> None:
    assert decode(text.encode("utf-8"))[0] == text.removeprefix("\ufeff")
