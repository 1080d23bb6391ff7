"""Going on with earlier conversations, and what is said about replies: on the screen, and in the rows kept."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from emulator import Person, at_terminal
from paper import Paper

from chatbot.errors import ChatbotError
from chatbot.repl.loading import waited
from chatbot.repl.talk import Asked
from chatbot.store.history import History


def kept(number: int = 1) -> list[tuple[int | None, str, str | None]]:
    """What was said about a conversation: the reply it is about, kind and text."""
    with History.open() as history:
        return [(one.reply_id, one.kind, one.text) for one in history.show(number).annotations]


@pytest.mark.parametrize("columns", [40, 250])
def test_an_earlier_conversation_goes_on(tiny_bundle: Path, columns: int) -> None:
    async def before(person: Person) -> None:
        for line in ("one", "two", "three", "four"):
            await person.says(line)
        await person.says("/rename My first talk")

    async def script(person: Person) -> None:
        await person.is_ready()
        person.types("/open ")
        await person.sees("My first talk")
        person.types("1\r")
        await person.sees("Conversation 1: My first talk\n(1 earlier turn: /show)\nyou> two\nbot> ")
        await person.says("five")
        await person.until(lambda: person.session.talk.turns == 5)

    at_terminal(Asked(model=str(tiny_bundle)), before)
    person = at_terminal(Asked(model=str(tiny_bundle)), script, columns=columns)
    assert "you> one" not in person.screen
    with History.open() as history:
        (only,) = history.list_conversations()
        steps = history.show(1).path
    assert only.title == "My first talk"
    assert [step.turn.text for step in steps] == ["one", "two", "three", "four", "five"]
    assert steps[4].reply
    assert steps[3].reply
    assert steps[4].turn.parent_reply_id == steps[3].reply.id


@pytest.mark.parametrize("grace", [0.0, 60.0], ids=["opened after the prompt", "opened before the prompt"])
def test_a_last_line_that_was_never_answered_is_there_to_be_said_again(
    asked: Asked, grace: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatbot.repl.session.GRACE", grace)
    with History.open() as history:
        history.start_conversation("are you there?")

    async def script(person: Person) -> None:
        await person.is_ready()
        person.types("/open last\r")
        await person.sees("(no reply)\nyou> are you there?")
        person.types("\r")
        await person.until(lambda: person.session.talk.turns == 1)

    at_terminal(asked, script)
    with History.open() as history:
        (step,) = history.show(1).path
    assert step.turn.text == "are you there?"
    assert step.reply


def test_the_menu_comes_when_the_history_opens_and_typing_does_not_wait_for_it(
    tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with History.open() as history:
        history.start_conversation("what was said before")
    opened, open_ = threading.Event(), History.open

    def slowly(*arguments: Any) -> History:
        opened.wait()
        return open_(*arguments)

    async def script(person: Person) -> None:
        await person.is_ready()
        person.types("/open ")
        await person.sees("you> /open")
        opened.set()
        await person.sees("what was said before")
        person.types("\x03")

    monkeypatch.setattr(History, "open", slowly)
    at_terminal(Asked(model=str(tiny_bundle)), script)


def test_of_a_long_text_the_beginning_is_recalled(paper: Paper) -> None:
    paper.types("hello " * 5000)
    paper.types("/new")
    waited(paper.talk.conversation)
    assert len(paper.types("/open 1").splitlines()) < 10
    assert "\n     …\nbot> " in paper.types("/new") + Paper.types(paper, "/open last")
    assert len(paper.types("/show").splitlines()) > 300


def test_the_last_conversation_is_the_last_but_this(paper: Paper) -> None:
    with pytest.raises(ChatbotError, match=r"^there is no other conversation yet$"):
        paper.types("/open")
    paper.types("first")
    with pytest.raises(ChatbotError, match=r"^conversation 1 is open already$"):
        paper.types("/open 1")
    paper.types("/new")
    waited(paper.talk.conversation)
    paper.types("second")
    assert list(paper.offers("/open ").items()) == [("last", "first"), ("1", "first")]
    assert paper.types("/open last").startswith("Conversation 1: first\nyou> first\nbot> ")
    assert paper.talk.number == 1
    paper.types("/open")
    assert paper.talk.number == 2


def test_a_reply_is_rated_corrected_and_noted_and_shows_it(tiny_bundle: Path) -> None:
    async def script(person: Person) -> None:
        await person.says("hello")
        await person.says("/rate bad")
        await person.says("/rate 4")
        await person.says("/correct Good evening to you.")
        await person.says("/note a \x0bcold one".replace("\x0b", "very "))
        await person.says("/bookmark")
        await person.says("/show")
        await person.sees("  (rated 4)\n  (better: Good evening to you.)\n  (note: a very cold one)")
        await person.sees("Conversation 1: hello\n  (bookmarked)\nyou> hello\nbot> ")

    at_terminal(Asked(model=str(tiny_bundle)), script, columns=40)
    assert kept() == [
        (1, "rating", "4"),
        (1, "correction", "Good evening to you."),
        (1, "note", "a very cold one"),
        (None, "bookmark", None),
    ]


def test_a_bookmark_is_taken_away_by_the_same_command(paper: Paper) -> None:
    paper.types("hello")
    assert paper.types("/bookmark") == "Conversation 1 is bookmarked.\n"
    assert paper.types("/bookmark") == "Conversation 1 is no longer bookmarked.\n"
    assert kept() == []


def test_what_is_said_is_said_of_the_reply_that_stands(paper: Paper) -> None:
    paper.types("hello")
    paper.types("/retry")
    paper.types("/rate good")
    assert kept() == [(2, "rating", "5")]
    paper.types("/undo")
    with pytest.raises(ChatbotError, match=r"^/rate cannot work now: there is no reply yet$"):
        paper.types("/rate good")
    assert paper.types("/note all gone") == "Noted on the conversation.\n"
    assert "/rate" not in paper.offers("/r")
    assert paper.types("/show") == "Conversation 1: hello\n  (note: all gone)\n(all of it was taken back)\n"


def test_another_conversation_is_shown_without_leaving_this_one(paper: Paper) -> None:
    paper.types("first")
    paper.types("/new")
    waited(paper.talk.conversation)
    with pytest.raises(ChatbotError, match=r"^/show needs the number"):
        paper.types("/show")
    assert "you> first\n" in paper.types("/show 1")
    paper.types("second")
    assert paper.offers("/show ") == {"2": "this conversation", "last": "first", "1": "first"}
    assert paper.talk.number == 2


def test_nothing_foreign_reaches_the_terminal_raw(paper: Paper) -> None:
    paper.types("hello \x1b[2J")
    paper.types("/rename evil \x1b]0;t\x07")
    paper.types("/note \u202enote")
    shown = paper.types("/show")
    assert not {"\x1b", "\x07", "\u202e"} & set(shown)
    assert "evil \\x1b]0;t\\x07" in shown


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("/open x", r"^/open takes the number of a conversation, or 'last', but received 'x'$"),
        ("/open 99", r"no conversation 99; list them with"),
        ("/show 1 2", r"^/show takes the number of a conversation, or 'last', but received '1 2'$"),
        ("/rename", r"^/rename needs a title: /rename TITLE$"),
        ("/rate", r"^/rate takes a number from 1 to 5, 'good' or 'bad', such as: /rate good$"),
        ("/rate 6", r"'good' or 'bad', but received '6'$"),
        ("/correct", r"^/correct needs what the last reply should have been: /correct BETTER REPLY$"),
        ("/note", r"^/note needs a text: /note TEXT$"),
        ("/bookmark it", r"^/bookmark takes no argument"),
    ],
)
def test_what_cannot_be_done_says_why_in_one_line(paper: Paper, line: str, error: str) -> None:
    paper.types("hello")
    with pytest.raises(ChatbotError, match=error) as caught:
        paper.types(line)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("line", ["/rename x", "/rate good", "/correct x", "/note x", "/bookmark"])
def test_before_anything_is_kept_there_is_nothing_to_say_it_of(paper: Paper, line: str) -> None:
    with pytest.raises(ChatbotError, match="nothing of this conversation is kept yet"):
        paper.types(line)
    assert line.split()[0] not in paper.offers("/")


def test_values_are_offered(paper: Paper) -> None:
    paper.types("hello")
    reply = paper.talk.conversation.result().turns[-1].reply.text
    assert list(paper.offers("/rate ")) == ["good", "bad", "1", "2", "3", "4", "5"]
    assert paper.offers("/correct ") == {reply: "the reply it corrects"}
    assert paper.offers("/rename ") == {"hello": "the title it has"}


@pytest.mark.parametrize("columns", [40, 250])
def test_words_are_found_in_all_that_is_kept(tiny_bundle: Path, columns: int) -> None:
    with History.open() as history:
        history.start_conversation("a rainy evening in the town")

    async def script(person: Person) -> None:
        await person.says("good evening")
        await person.says('/search "EVENING')
        await person.sees("*2  you: good [evening]")
        await person.sees("\n 1  you: a rainy [evening] in the town")
        await person.says("/search nothing-like-it")
        await person.sees("Nothing found")
        await person.says("/search ?!")
        await person.sees("! search needs a word to look for")

    at_terminal(Asked(model=str(tiny_bundle)), script, columns=columns)
