"""What reaches the terminal: no control character, and no harm to ordinary text."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.terminal import one_line, replace_unsafe, visible

ANY_TEXT = st.text(st.characters(codec=None))
ALLOWED_FORMATS = set("\u061c\u06dd\u070f\u0890\u0891\u08e2\u200b\u200c\u200d\u200e\u200f") | {
    *map(chr, range(0x600, 0x606)),
    "\U000110bd",
    "\U000110cd",
}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("bell\a and back\b", "bell\\x07 and back\\x08"),
        ("a\tb\r\nc", "a\\tb\\r\\nc"),
        ("nul\0", "nul\\x00"),
        ("csi\x9b2J", "csi\\x9b2J"),
        ("abc\u202egnp.exe", "abc\\u202egnp.exe"),
        ("lone \udcff", "lone \\udcff"),
        ("tag \U000e0041", "tag \\U000e0041"),
    ],
)
def test_what_moves_text_becomes_its_escape(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "plain text, 'quotes' and \\x1b written out",
        "👩‍👩‍👧 family, ❤️ heart, 👍🏽 thumb",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f flag of England, 🇳🇴 flag of Norway",
        "שלום עולם, مرحبا, می‌خواهم",
        "नमस्ते 日本語 한국어",
    ],
)
def test_ordinary_text_is_unchanged(text: str) -> None:
    assert visible(text) == text


def test_newlines_are_kept_when_asked() -> None:
    assert visible("a\nb\x07\r\n", keep_newlines=True) == "a\nb\\x07\\r\n"


def test_one_line_joins_lines() -> None:
    assert one_line(" a\n\tb  \x1b") == "a b \\x1b"


@given(ANY_TEXT)
def test_nothing_unsafe_is_left_in_any_text(text: str) -> None:
    shown = visible(text)
    assert not {"Cc", "Cs", "Zl", "Zp"} & {unicodedata.category(c) for c in shown}
    assert visible(shown) == shown


def test_every_format_character_is_escaped_or_known_to_be_harmless() -> None:
    formats = {c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c) == "Cf"}
    assert {c for c in formats if visible(c) == c} == ALLOWED_FORMATS


def test_the_escape_can_be_another() -> None:
    assert replace_unsafe("a\x7fb", lambda c: f"<{ord(c):02x}>") == "a<7f>b"
