"""What is printed: indented under its label, safe for the terminal, readable at 40 columns."""

from __future__ import annotations

import pytest

from chatbot.errors import StoreError
from chatbot.home import home
from chatbot.repl.view import Plain, View


class Paper:
    """What a view printed on it."""

    def __init__(self, columns: int = 40) -> None:
        self.text = ""
        self.view = View(Plain(lambda: columns, self.write))

    def write(self, text: str) -> None:
        self.text += text


def test_a_reply_is_indented_under_its_label() -> None:
    paper = Paper(20)
    paper.view.reply("one two three four five")
    assert paper.text == "bot> one two three\n     four five\n"


def test_a_stopped_reply_says_so() -> None:
    paper = Paper()
    paper.view.reply("one", complete=False)
    assert paper.text == "bot> one\n(stopped)\n"


@pytest.mark.parametrize("print_it", ["reply", "note", "error"])
def test_nothing_reaches_the_terminal_raw(print_it: str) -> None:
    paper = Paper()
    getattr(paper.view, print_it)("a\x1b[2Jb\u202e")
    assert "a\\x1b[2Jb\\u202e" in paper.text


def test_an_error_is_marked_for_those_who_see_no_red() -> None:
    paper = Paper()
    paper.view.error("two\nlines")
    assert paper.text == "! two lines\n"


@pytest.mark.parametrize(
    ("failure", "line"),
    [
        (StoreError("locked"), "! locked\n"),
        (MemoryError(), "! out of memory\n"),
        (PermissionError(13, "Permission denied", "/x"), "! /x: Permission denied\n"),
        (KeyError("k"), "! unexpected KeyError: 'k'\n"),
    ],
)
def test_any_exception_is_one_error(failure: Exception, line: str) -> None:
    paper = Paper()
    paper.view.failure(failure)
    assert paper.text == line


def test_a_table_lines_up_in_cells() -> None:
    paper = Paper()
    paper.view.table([("a", "日本", "first"), ("bb", "c", "second")])
    assert paper.text == "a   日本  first\nbb  c     second\n"


def test_a_table_that_is_too_wide_goes_on_below() -> None:
    paper = Paper(20)
    paper.view.table([("a long name", "2026-01-01", "the last column wraps")])
    assert paper.text == "a long name  2026-01-01\n  the last column\n  wraps\n"
    paper.text = ""
    paper.view.table([])
    assert paper.text == ""


def test_the_very_first_start_shows_three_lines_and_later_ones_none() -> None:
    paper = Paper(80)
    paper.view.welcome(kept=True)
    assert len(paper.text.splitlines()) == 3
    assert "/help" in paper.text
    assert "Ctrl-D" in paper.text
    (home() / "history.db").touch()
    paper.text = ""
    paper.view.welcome(kept=True)
    assert paper.text == ""
