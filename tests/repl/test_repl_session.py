"""A person at the terminal, from the first prompt to Ctrl-D: what is on the screen, and what is in the history."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from emulator import Person, at_terminal

from chatbot.dialogue.model import Model
from chatbot.errors import StoreError
from chatbot.home import home
from chatbot.repl.talk import Asked
from chatbot.store.history import History


@pytest.fixture
def thinking(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Replies take until this event is set, or until they are stopped."""
    done, answer = threading.Event(), Model.answer

    def slowly(self: Model, turns: Any, own: Any, settings: Any, seed: Any = None, stop: Any = None, *more: Any) -> Any:
        while not done.wait(0.005):
            if stop():
                return replace(answer(self, turns, own, settings, seed, None, *more), complete=False)
        return answer(self, turns, own, settings, seed, None, *more)

    monkeypatch.setattr(Model, "answer", slowly)
    return done


@pytest.fixture
def loading(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Models load only once this event is set."""
    done, load = threading.Event(), Model.load

    def slowly(name: str | None = None) -> Model:
        done.wait(20)
        return load(name)

    monkeypatch.setattr(Model, "load", slowly)
    return done


def kept() -> list[list[tuple[str, str | None]]]:
    """The conversations in the history, oldest first, each as its turns with the replies that stand."""
    with History.open() as history:
        numbers = [one.id for one in reversed(history.list_conversations())]
        paths = [history.show(number).path for number in numbers]
    return [[(step.turn.text, step.reply.text if step.reply else None) for step in path] for path in paths]


def test_the_whole_screen_of_a_conversation_and_the_rows_it_leaves(tiny_bundle: Path) -> None:
    async def script(person: Person) -> None:
        await person.says("hello there")
        await person.says("and you?")
        await person.sees_toolbar("conversation 1, 2 turns")

    person = at_terminal(Asked(model=str(tiny_bundle)), script)
    ((first, second),) = kept()
    assert (first[0], second[0]) == ("hello there", "and you?")
    assert person.screen.split("\n") == [
        "You talk with a small network that learned from films. It knows no facts.",
        "Type a line and press Enter; /help lists what else there is.",
        "Ctrl-D or /quit leaves. What is said is kept on this machine.",
        "you> hello there",
        f"bot> {first[1]}",
        "you> and you?",
        f"bot> {second[1]}",
        "you>",
    ]


@pytest.mark.parametrize("columns", [40, 79, 250])
@pytest.mark.parametrize("keep", [True, False])
def test_the_first_start_shows_three_lines(tiny_bundle: Path, columns: int, keep: bool) -> None:
    async def script(person: Person) -> None:
        await person.sees("you>")

    person = at_terminal(Asked(model=str(tiny_bundle), keep=keep), script, columns=columns)
    what, help_, leave, prompt = person.screen.split("\n")
    assert "network that learned from films" in what
    assert "/help" in help_
    assert "leaves." in leave
    assert ("kept" in leave) == keep
    assert prompt == "you>"


def test_the_prompt_is_there_before_the_model_and_early_lines_are_kept_then_answered(
    asked: Asked, loading: threading.Event
) -> None:
    async def script(person: Person) -> None:
        await person.sees("you>")
        await person.sees_toolbar("loading ")
        person.types("too early\rand more\r")
        await person.until(lambda: kept() == [[("too early", None)]])
        await person.sees("you> too early\nbot> ")
        loading.set()
        await person.until(lambda: person.screen.count("bot> ") == 2 and not person.session.answering.busy)
        await person.sees_toolbar("tiny · beam 3 · conversation 1, 2 turns")

    at_terminal(asked, script)
    (turns,) = kept()
    assert [text for text, reply in turns if reply] == ["too early", "and more"]


def test_a_model_that_cannot_be_loaded_is_one_line_and_another_can_be_chosen(tiny_bundle: Path) -> None:
    async def script(person: Person) -> None:
        await person.sees("! no model named 'nope'")
        await person.sees_toolbar("nope is not loaded: /model")
        person.types("hello\r")
        await person.until(lambda: person.screen.count("! no model named 'nope'") == 2)
        person.types(f"/model {tiny_bundle}\r")
        await person.is_ready()
        await person.says("hello again")

    person = at_terminal(Asked(model="nope", keep=False), script)
    assert "hello again\nbot> " in person.screen


def test_when_another_model_cannot_be_loaded_the_old_one_goes_on(asked: Asked) -> None:
    async def script(person: Person) -> None:
        await person.is_ready()
        person.types("/model nope\rhello\r")
        await person.sees("Still talking with tiny.")
        await person.until(lambda: "bot> " in person.screen and not person.session.answering.busy)
        await person.sees_toolbar("tiny")

    person = at_terminal(asked, script)
    assert "! no model named 'nope'" in person.screen


def test_ctrl_c_drops_the_line_says_once_how_to_leave_and_up_brings_it_back(asked: Asked) -> None:
    async def script(person: Person) -> None:
        await person.is_ready()
        person.types("dropped\x03")
        await person.sees("Ctrl-C again leaves; Ctrl-D and /quit do too.\nyou>")
        person.types("second\x03")
        await person.until(lambda: person.screen == "Ctrl-C again leaves; Ctrl-D and /quit do too.\nyou>")
        await person.presses_up(2)
        await person.sees("you> dropped")
        person.types("\x03\x03")
        await person.until(lambda: person.screen == "Ctrl-C again leaves; Ctrl-D and /quit do too.\nyou>")

    at_terminal(asked, script)
    assert kept() == []


def test_ctrl_c_stops_a_reply_and_keeps_what_is_there(asked: Asked, thinking: threading.Event) -> None:
    async def script(person: Person) -> None:
        await person.is_ready()
        person.types("hello\r")
        await person.sees_toolbar("Ctrl-C stops the reply")
        person.types("\x03")
        await person.sees("(stopped)\nyou>")

    at_terminal(asked, script)
    with History.open() as history:
        (step,) = history.show(1).path
    assert step.reply
    assert not step.reply.complete


def test_what_is_typed_during_a_reply_waits_for_it_in_order(asked: Asked, thinking: threading.Event) -> None:
    async def script(person: Person) -> None:
        await person.is_ready()
        person.types("one\r")
        await person.sees_toolbar("Ctrl-C stops the reply")
        person.types("two\rthree\r/set beam_size 7\rfo")
        await person.sees("you> two")
        assert kept() == [[("one", None)]]
        thinking.set()
        await person.sees("beam_size is 7\nyou> fo")
        person.types("ur\r")
        await person.until(lambda: person.screen.count("bot> ") == 4 and not person.session.answering.busy)

    at_terminal(asked, script)
    assert [text for text, _ in kept()[0]] == ["one", "two", "three", "four"]


def test_a_paste_during_a_reply_waits_for_it_in_order(asked: Asked, thinking: threading.Event) -> None:
    async def script(person: Person) -> None:
        await person.is_ready()
        person.types("one\r")
        await person.sees_toolbar("Ctrl-C stops the reply")
        person.types("two\r\x1b[200~three\nlines\x1b[201~ and more")
        await person.sees("you> two")
        thinking.set()
        await person.sees("you> three\n     lines and more")
        person.types("\r")
        await person.until(lambda: person.session.talk.turns == 3 and not person.session.answering.busy)

    at_terminal(asked, script)
    assert [text for text, _ in kept()[0]] == ["one", "two", "three\nlines and more"]


def test_leaving_during_a_reply_keeps_what_is_there(asked: Asked, thinking: threading.Event) -> None:
    async def script(person: Person) -> None:
        await person.is_ready()
        person.types("hello\r")
        await person.sees_toolbar("Ctrl-C stops the reply")

    person = at_terminal(asked, script)
    ((turn,),) = kept()
    assert turn[1]
    assert person.screen == f"you> hello\nbot> {turn[1]}\n(stopped)"


@pytest.mark.parametrize("new_line", ["\x1b\r", "\x0a"], ids=["Alt-Enter", "Ctrl-J"])
def test_a_line_can_have_several_lines(asked: Asked, new_line: str) -> None:
    async def script(person: Person) -> None:
        await person.is_ready()
        person.types(f"first{new_line}second")
        await person.sees("you> first\n     second")
        await person.says("")

    at_terminal(asked, script)
    assert [text for text, _ in kept()[0]] == ["first\nsecond"]


def test_a_paste_keeps_its_lines_and_is_not_submitted(asked: Asked) -> None:
    words = "\n".join(" ".join(f"w{i}" for i in range(row * 50, row * 50 + 50)) for row in range(100))

    async def script(person: Person) -> None:
        await person.is_ready()
        person.types(f"\x1b[200~{words}\x1b[201~")
        await person.sees("w4999")
        assert kept() == []
        await person.says(" end")

    at_terminal(asked, script)
    assert [text for text, _ in kept()[0]] == [words + " end"]


def test_a_blank_line_is_nothing(asked: Asked) -> None:
    async def script(person: Person) -> None:
        await person.is_ready()
        person.types("\r  \r\r")
        person.types("x")
        await person.until(lambda: person.screen == "you> x")
        person.types("\x7f")

    at_terminal(asked, script)
    assert kept() == []


def test_earlier_sessions_are_on_the_arrow_keys_and_cannot_garble_the_screen(asked: Asked) -> None:
    with History.open() as history:
        history.add_input_line("from before")
        history.add_input_line("evil \x1b[2J\u202e\x9b line")

    async def script(person: Person) -> None:
        await person.is_ready()
        await person.presses_up(1)
        await person.sees("evil ^[[2J")
        await person.presses_up(1)
        await person.sees("you> from before")
        person.types("\x03")

    written = at_terminal(asked, script).cable.getvalue()
    assert not [unsafe for unsafe in ("\x1b[2J", "\u202e", "\x9b") if unsafe in written]


def test_lines_typed_here_are_kept_for_later_sessions(asked: Asked) -> None:
    async def script(person: Person) -> None:
        for line in ("hello", "/settings", "hello"):
            await person.says(line)

    at_terminal(asked, script)
    with History.open() as history:
        assert history.recent_input_lines() == ["hello", "/settings", "hello"]


def test_nothing_is_kept_when_asked(tiny_bundle: Path) -> None:
    async def script(person: Person) -> None:
        await person.says("hello")
        await person.sees_toolbar("not kept, 1 turn")
        await person.says("/history")
        await person.sees("! /history cannot work now: nothing is kept in this session")

    at_terminal(Asked(model=str(tiny_bundle), keep=False), script)
    assert not (home() / "history.db").exists()


def test_a_history_that_cannot_be_opened_ends_the_session(tiny_bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "no.db").write_text("this is no database, but long enough to be taken for one by its size" * 20)

    async def script(person: Person) -> None:
        await person.until(lambda: person.session.fatal)

    with pytest.raises(StoreError, match=r"no\.db"):
        at_terminal(Asked(model=str(tiny_bundle), database=str(tmp_path / "no.db")), script)


def test_any_error_is_one_line_and_the_session_goes_on(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("oops")

    async def script(person: Person) -> None:
        await person.is_ready()
        with monkeypatch.context() as broken:
            broken.setattr(Model, "answer", fail)
            await person.says("hello")
        with monkeypatch.context() as broken:
            broken.setattr("chatbot.repl.session.handle", fail)
            await person.says("/new")
        with monkeypatch.context() as broken:
            broken.setattr("chatbot.repl.completion.CommandCompleter.get_completions", fail)
            person.types("/")
            await person.until(lambda: person.screen.count("! unexpected ZeroDivisionError: oops") == 3)
        person.types("\x03")
        await person.says("hello")

    person = at_terminal(asked, script)
    assert person.screen.endswith("\nyou>")
    assert kept()[-1][-1][1]


def test_the_menu_offers_commands_and_enter_picks_one(asked: Asked) -> None:
    async def script(person: Person) -> None:
        await person.is_ready()
        person.types("/se")
        await person.sees("/settings  how replies are made now")
        person.types("\t\t\r")
        await person.until(lambda: person.screen == "you> /settings")
        person.types("\r")
        await person.sees("temperature")

    at_terminal(asked, script)


def test_where_the_menu_leaves_no_choice_enter_submits(asked: Asked) -> None:
    async def script(person: Person) -> None:
        await person.is_ready()
        person.types("/versi")
        await person.sees("/version  versions of chatbot")
        person.types("\t\r")
        await person.sees("Python")

    at_terminal(asked, script)


@pytest.mark.parametrize("columns", [20, 40, 80, 250])
def test_the_toolbar_fits(asked: Asked, columns: int) -> None:
    async def script(person: Person) -> None:
        await person.says("hello")
        await person.sees_toolbar("tiny · beam 3")

    at_terminal(asked, script, columns=columns, lines=15)


def test_no_color_is_respected(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    def colours(person: Person) -> bool:
        return any(cell.fg != "default" for row in person.terminal.buffer.values() for cell in row.values())

    async def script(person: Person) -> None:
        await person.says("hello")
        await person.says("/nope")

    assert colours(at_terminal(asked, script))
    monkeypatch.setenv("NO_COLOR", "1")
    assert not colours(at_terminal(asked, script))


def test_the_session_uses_the_same_settings_everywhere(asked: Asked) -> None:
    async def script(person: Person) -> None:
        await person.says("/set max_length 3")
        await person.says("hello")

    at_terminal(replace(asked, decoding={"beam_size": 2}), script)
    with History.open() as history:
        (step,) = history.show(1).path
    assert step.reply
    assert step.reply.settings
    assert (step.reply.settings["max_length"], step.reply.settings["beam_size"]) == (3, 2)
