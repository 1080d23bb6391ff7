"""Private talk, lines of several lines, a clean screen, themes: what is seen, and what is (not) kept."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from emulator import Person, at_terminal
from paper import Paper

from chatbot.errors import ChatbotError
from chatbot.home import config_path, home
from chatbot.repl.loading import waited
from chatbot.repl.talk import Asked
from chatbot.store.history import History


def everything_kept() -> str:
    """All rows of the database as text."""
    with closing(sqlite3.connect(home() / "history.db")) as connection:
        return "\n".join(connection.iterdump())


def kept() -> list[list[str]]:
    """What was said in each conversation, oldest first."""
    with History.open() as history:
        return [[step.turn.text for step in history.show(number).path] for number in history.numbers()]


@pytest.mark.parametrize("columns", [40, 250])
def test_private_talk_leaves_no_trace(asked: Asked, columns: int) -> None:
    async def script(person: Person) -> None:
        await person.says("hello")
        await person.says("/private")
        await person.sees("Nothing of what follows is kept.")
        await person.sees("\nyou (private)>")
        await person.sees_toolbar("private · tiny")
        person.types("sesame one\r")
        await person.until(lambda: person.session.talk.turns == 2 and not person.session.answering.busy)
        person.types("sesame dropped\x03")
        await person.until(lambda: "sesame dropped" not in person.screen)
        person.types("/rate good\r")
        await person.sees("! /rate cannot work now: nothing is kept")
        person.types("/new\rsesame two\r")
        await person.until(lambda: person.session.talk.turns == 1 and not person.session.answering.busy)
        person.types("/private off\r")
        await person.sees("A new conversation, which is kept.\nyou>")
        await person.says("open again")
        await person.until(lambda: person.session.talk.number == 2)

    at_terminal(asked, script, columns=columns)
    assert kept() == [["hello"], ["open again"]]
    assert "sesame" not in everything_kept()
    assert "'/private'" in everything_kept()


def test_private_replies_still_know_what_was_said(paper: Paper) -> None:
    paper.types("hello")
    paper.types("/private")
    paper.types("and you?")
    assert paper.talk.turns == 2
    assert len(paper.talk.conversation.result().turns[-1].reply.context_ids) > 4
    paper.types("/undo")
    paper.types("/retry")
    assert kept() == [["hello"]]
    with History.open() as history:
        assert len(history.show(1).turns[0].replies) == 1
    assert paper.offers("/private ") == {"off": "a new conversation, which is kept"}
    for line, error in (
        ("/private", "/private is on already"),
        ("/private of", "/private takes nothing or 'off', but received 'of'"),
        ("/open", "/open cannot work now: nothing is kept now"),
    ):
        with pytest.raises(ChatbotError, match=error):
            paper.types(line)
    paper.types("/private off")
    waited(paper.talk.conversation)
    with pytest.raises(ChatbotError, match=r"^/private is off already$"):
        paper.types("/private off")


def test_where_nothing_is_kept_there_is_nothing_to_hide(tiny_bundle: Path) -> None:
    paper = Paper(Asked(model=str(tiny_bundle), keep=False))
    with pytest.raises(ChatbotError, match="nothing is kept in this session anyway"):
        paper.types("/private")


def test_enter_makes_a_new_line_where_asked(asked: Asked) -> None:
    async def script(person: Person) -> None:
        await person.is_ready()
        person.types("/multiline\r")
        await person.sees_toolbar("Alt-Enter sends · tiny")
        person.types("one\rtwo\r\rthree")
        await person.sees("you> one\n     two\n\n     three")
        assert kept() == []
        person.types("\x1b\r")
        await person.until(lambda: person.session.talk.turns == 1 and not person.session.answering.busy)
        person.types("/multiline\r")
        await person.sees("Enter sends and Alt-Enter makes a new line.")
        person.types("four\x1b\rfive\r")
        await person.until(lambda: person.session.talk.turns == 2 and not person.session.answering.busy)

    at_terminal(asked, script)
    assert kept() == [["one\ntwo\n\nthree", "four\nfive"]]


def test_the_screen_is_cleared_and_the_conversation_goes_on(asked: Asked) -> None:
    async def script(person: Person) -> None:
        await person.says("hello")
        await person.sees("bot> ")
        person.types("/clear\r")
        await person.until(lambda: person.screen == "you>")
        await person.sees_toolbar("1 turn")

    at_terminal(asked, script)


def test_lines_have_no_screen_and_no_keys(paper: Paper) -> None:
    for command in ("/clear", "/multiline"):
        assert command not in paper.offers("/")
        with pytest.raises(ChatbotError, match=f"{command} cannot work now: "):
            paper.types(command)


def test_the_version_says_where_things_are(paper: Paper) -> None:
    shown = paper.types("/version")
    assert "tiny (" in shown
    assert str(home() / "history.db") in shown


def colours(person: Person) -> set[str]:
    """The colours of all letters on the screen."""
    return {cell.fg for row in person.terminal.buffer.values() for cell in row.values()} - {"default"}


def test_themes_differ_and_no_color_wins(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(person: Person) -> None:
        await person.says("hello")
        await person.sees("bot> ")
        person.types("/se")
        await person.sees("/settings")
        seen.append(colours(person))
        person.types("\x03")  # Ctrl-D would not leave a line with something in it

    seen: list[set[str]] = []
    dark = colours(at_terminal(asked, script))
    config_path().write_text('[chat]\ntheme = "light"\n')
    light = colours(at_terminal(asked, script))
    assert dark
    assert light
    assert dark != light
    seen.clear()
    assert not colours(at_terminal(Asked(model=asked.model, theme="mono"), script))
    monkeypatch.setenv("NO_COLOR", "1")
    assert not colours(at_terminal(asked, script))
    assert seen == [set(), set()]
