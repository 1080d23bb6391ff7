"""Whatever is typed: one reply line each, nothing raw to the terminal, every text in the history as it was typed."""

from __future__ import annotations

import json
import re
import unicodedata

from whole_commands import Chatbot

ODD = {
    "emoji": "Hello \U0001f44b\U0001f3fd there \U0001f469\u200d\U0001f680",
    "right to left": "\u0645\u0631\u062d\u0628\u0627 \u05e9\u05dc\u05d5\u05dd",
    "overrides": "abc \u202egnp.exe\u202c \u2066x\u2069",
    "escapes": "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b2J",
    "NUL": "before\x00after",
    "carriage return": "one\rtwo",
    "separators": "one\u2028two\x0bthree\x0cfour\x85five",
    "combining": "a" + "\u0301" * 500,
    "no words": "?!... --- ???",
    "one word of 20,000 letters": "w" * 20_000,
    "5,000 words": ("hello there " * 2500).strip(),
    "specials": "<pad> <unk> <bos> <eos> <self> <other>",
    "markup": "[red]bold[/red] %s {0} \\x1b $(ls) `ls`",
    "noncharacters": "\ufffe \U0010ffff x\ufeff",
}
TYPED = "".join(f"{text}\n" for text in ODD.values())


def is_safe(text: str) -> bool:
    """No character in it could move the cursor, colour or reorder; a line's end is fine."""
    reordering = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    return all(c == "\n" or (unicodedata.category(c) != "Cc" and c not in reordering) for c in text)


def test_each_odd_line_gets_one_safe_reply_line_and_is_kept(chatbot: Chatbot) -> None:
    talked = chatbot.run(typed=TYPED)
    assert (talked.code, talked.err) == (0, "")
    assert len(talked.lines) == len(ODD)
    assert all(line.strip() for line in talked.lines)
    assert is_safe(talked.out)
    kept = chatbot.run("history", "show", "1", "--json").out
    texts = [json.loads(text) for text in re.findall(r'"text": ("(?:[^"\\]|\\.)*")', kept)]
    typed = [text.replace("\0", "\ufffd") for text in ODD.values()]  # the one character no database keeps
    assert [text for text in typed if text not in texts] == []


def test_what_is_shown_of_odd_lines_is_safe(chatbot: Chatbot) -> None:
    chatbot.run(typed=TYPED)
    for arguments in (("history", "list"), ("history", "show", "1"), ("history", "show", "1", "--json")):
        shown = chatbot.run(*arguments)
        assert (shown.code, shown.err) == (0, "")
        assert is_safe(shown.out)


def test_bytes_that_are_no_text_are_answered_too(chatbot: Chatbot) -> None:
    talked = chatbot.run(typed=b"hello \xff\xfe\n\xed\xa0\x80 half a pair\n\x80\x81 x\nhello\n")
    assert (talked.code, talked.err) == (0, "")
    assert len(talked.lines) == 4


def test_empty_lines_and_an_empty_input_say_nothing(chatbot: Chatbot) -> None:
    assert chatbot.run(typed="").code == 0
    talked = chatbot.run(typed="\n   \n\nhello\n\t\n")
    assert (talked.code, talked.err) == (0, "")
    assert len([line for line in talked.lines if line]) == 1


def test_a_last_line_without_its_end_is_answered(chatbot: Chatbot) -> None:
    assert len(chatbot.run(typed="hello\nhow are you").lines) == 2


def test_reply_takes_any_argument(chatbot: Chatbot) -> None:
    for text in ("5,000 " * 5000, b"\x1b[2J \xff\xfe half", "-- hello"):
        replied = chatbot.run("reply", "--", text)
        assert (replied.code, replied.err) == (0, "")
        assert len(replied.lines) == 1
        assert is_safe(replied.out)


def test_reply_to_nothing_is_one_clear_line(chatbot: Chatbot) -> None:
    chatbot.run("reply", " \n ").failed(2, "nothing to answer")


def test_the_same_seed_says_the_same(chatbot: Chatbot) -> None:
    first, second, third = (chatbot.run("reply", "hello", "--temperature", "1", "--seed", s).out for s in "778")
    assert first == second
    assert first != third
