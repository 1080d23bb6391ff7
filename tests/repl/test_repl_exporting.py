"""/save, /export and /import: files and what is on the screen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from emulator import Person, at_terminal

from chatbot.repl.talk import Asked
from chatbot.store.history import History


@pytest.mark.parametrize("columns", [40, 250])
def test_a_conversation_is_written_and_read_elsewhere(
    tiny_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.chdir(tmp_path)

    async def leaving(person: Person) -> None:
        await person.says("hello \U0001f44b there")
        await person.says("/rate 4")
        await person.says("/save talk.txt")
        await person.says("/export talk.jsonl")
        await person.says("/export talk.html")
        person.types("/export ta")
        await person.sees("you> /export ta\n")  # the menu, of files
        person.types("\t\t\r\r")  # takes the second one, then submits
        await person.until(lambda: "is there already" in " ".join(person.screen.split()))

    async def arriving(person: Person) -> None:
        await person.is_ready()
        await person.says("/import talk.jsonl")
        await person.sees("1 conversation added")
        await person.says("/import talk.jsonl")
        await person.sees("0 conversations added, 1 here already")
        await person.says("/import nowhere")
        await person.sees("! ")
        await person.says("/open 1")
        await person.sees("you> hello \U0001f44b there\nbot> ")
        await person.sees("(rated 4)")

    at_terminal(Asked(model=str(tiny_bundle)), leaving, columns=columns)
    with History.open() as history:
        (step,) = history.show(1).path
    assert step.reply
    written = (tmp_path / "talk.txt").read_text(encoding="utf-8")
    assert "hello \U0001f44b there" in written
    assert step.reply.text in written
    (line,) = (tmp_path / "talk.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)
    assert (tmp_path / "talk.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    monkeypatch.setenv("CHATBOT_HOME", str(tmp_path / "elsewhere"))
    person = at_terminal(Asked(model=str(tiny_bundle)), arriving, columns=columns)
    assert "unexpected" not in person.screen
    with History.open() as history:
        assert [step.turn.text for step in history.show(1).path] == ["hello \U0001f44b there"]


@pytest.mark.parametrize("line", ["/save", "/export", "/import", "/save /nowhere/at/all.txt", "/import /nowhere"])
def test_what_cannot_be_written_or_read_is_one_error(tiny_bundle: Path, line: str) -> None:
    async def script(person: Person) -> None:
        await person.says("hello")
        await person.says(line)

    person = at_terminal(Asked(model=str(tiny_bundle)), script, columns=250)
    assert person.screen.split("\n")[-2].startswith(("! /", "! no "))
