from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatbot.corpus.normalise import normalise, repairs

ANY = st.characters(exclude_categories=())  # lone surrogates, controls and unassigned characters among them
TRICKY = st.sampled_from(
    [*"<>&;/ubi '\"`▁▅⁇\x00\x1b\t\n\r", "amp;", "&lt;", "&amp;", "<u>", "</i>", "\u0338", "\u0301"]
)
TEXTS = st.lists(st.one_of(TRICKY, ANY), max_size=40).map("".join)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I'm fine, thanks.", "I'm fine, thanks."),
        ("", ""),
        (" \t two\x0b  spaces\n\r\u00a0\u3000here \u2028", "two spaces here"),
        ("<u>Never</u> <I>ever</I><br/>", "Never ever"),
        ('<font color="red">red</font>', "red"),
        ("I <3 you, a<b and c>d <- ->", "I <3 you, a<b and c>d <- ->"),
        ("it means <Some Long Name>", "it means <Some Long Name>"),
        ("<unk> <self> <pad>", "<unk> <self> <pad>"),
        ("salt &amp; pepper &lt;3 &quot;x&quot; R&B AT&T;", 'salt & pepper <3 "x" R&B AT&T;'),
        ("&amp;amp;lt;u&amp;gt;nested", "nested"),
        ("‘one’ ‚two‛ don´t `three` ʼem", "'one' 'two' don't 'three' 'em"),
        ("“a” „b‟ «c» ``d", '"a" "b" "c" "d'),
        ("a‐b – c − d", "a-b - c - d"),
        ("wait—what", "wait--what"),
        ("soft\u00adhyphen", "softhyphen"),
        ("e\u0301 ﬁne ｆｕｌｌ ½ …", "é fine full 1/2 ..."),
        ("＜ｕ＞wide", "wide"),
        ("\x00nul \x1b[31mred\x07 \x9b0m", "nul [31mred 0m"),
        ("abc\u202edef\u2066\ufeff", "abcdef"),
        ("שלום مرحبا", "שלום مرحبا"),
        ("👩\u200d👧 ok", "👩\u200d👧 ok"),
        ("\ud83d\ude00 pair, lone \ud800\udfff\udc00 end", "😀 pair, lone 🏿 end"),
        ("▁under", "_under"),
        ("<<<u>u>u>x", "x"),
    ],
)
def test_examples(text: str, expected: str) -> None:
    if "\ud800\udfff" in text:
        expected = expected.replace("🏿", "\U000103ff")
    assert normalise(text) == expected


@given(TEXTS)
@example("&<u>lt;u>")
@example("<\u0338u>")
@example("e<u></u>\u0301")
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@given(TEXTS)
def test_the_result_is_safe_and_composed(text: str) -> None:
    result = normalise(text)
    assert not {unicodedata.category(character) for character in result} & {"Cc", "Cs", "Zl", "Zp"}
    assert not set(result) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u00ad\ufeff▁")
    assert result == " ".join(result.split())
    assert unicodedata.is_normalized("NFKC", result)
    result.encode("utf-8")


@given(
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1).filter(lambda t: not set(t) & set("&<`"))
)
def test_plain_ascii_stays(text: str) -> None:
    assert normalise(text) == text


def test_repairs_are_named_once_each() -> None:
    assert repairs("plain") == ("plain", [])
    text, names = repairs("\x00“a”  <u>½</u>")
    assert text == '"a" 1/2'
    assert names == [
        "control characters",
        "quotes and dashes",
        "compatibility characters (NFKC)",
        "markup",
        "white space",
    ]


@pytest.mark.parametrize(
    "part", ["<", "&", "&amp;", "<b ", "<u", "`", "<u>", "a ", "\ud800", "<<u>u>", "e\u0301", "-- "]
)
def test_long_and_strange_texts_end(part: str) -> None:
    text = part * 30_000
    assert len(normalise(text)) <= 2 * len(text)
    assert len(normalise(text + "é")) <= 2 * len(text) + 1
