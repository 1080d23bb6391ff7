"""The table of commands: dispatch, help and completion all come from it, and errors say what to type."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path

import pytest
from paper import Paper

from chatbot.errors import ChatbotError, NoConversation, UsageError
from chatbot.repl.commands import Leave, handle, is_command
from chatbot.repl.loading import in_background, waited
from chatbot.repl.table import command_table
from chatbot.repl.talk import Asked
from chatbot.settings import DecodingSettings, fields_of
from chatbot.store.deleting import delete_conversations

TABLE = command_table()


def test_help_lists_every_command_and_the_keys(paper: Paper) -> None:
    shown = paper.types("/help")
    for command in TABLE.values():
        assert f"{command.spelled} " in shown
        assert command.help in shown
    assert "Ctrl-D" in shown


@pytest.mark.parametrize("name", TABLE)
def test_each_command_is_explained_and_offered(paper: Paper, name: str) -> None:
    assert TABLE[name].help in paper.types(f"/help {name}")
    assert TABLE[name].help in paper.types(f"/help /{name}")
    paper.types("hello")
    offered = None if TABLE[name].prevented(paper.talk) else TABLE[name].help  # some need a screen
    assert paper.offers(f"/{name[:-1]}").get(f"/{name}") == offered
    assert name in paper.offers("/help ")


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("/histroy", r"^unknown command '/histroy'; did you mean '/history'\?$"),
        ("/usr/bin/env", r"^unknown command '/usr/bin/env'; type /help for a list, or //usr/bin/env to say it$"),
        ("/", r"^unknown command '/'; type /help"),
        ("/help retyr", r"did you mean '/retry'\?"),
        ("/retry", r"^/retry cannot work now: nothing was said yet$"),
        ("/undo", r"^/undo cannot work now: nothing was said yet$"),
        ("/set beam 3", r"^/set: unknown setting 'beam'; did you mean 'beam_size'\?$"),
        ("/set beam_size 0", r"^/set: beam_size must be an integer from 1 to 100, but received 0$"),
        ("/set top_p much", r"^/set: top_p must be a number from 0.0 to 1.0, but received 'much'$"),
        ("/settings beam_size", r"^/settings takes no argument"),
        ("/history -1", r"^/history takes a number of conversations, but received '-1'$"),
        ("/history ٣٤x", r"received '٣٤x'$"),
        ("/history 99999999999999999999", r"received '99999999999999999999'$"),
        ("/new name", r"^/new takes no argument, but received 'name'$"),
    ],
)
def test_what_cannot_be_done_says_why_in_one_line(paper: Paper, line: str, error: str) -> None:
    with pytest.raises(ChatbotError, match=error) as caught:
        paper.types(line)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("line", ["/quit", "/q", "/EXIT", " /bye "])
def test_leaving(paper: Paper, line: str) -> None:
    with pytest.raises(Leave):
        paper.types(line)


@pytest.mark.parametrize(("line", "command"), [("/x", True), ("//x", False), ("x /y", False), ("", False)])
def test_one_slash_is_a_command_and_two_are_talk(line: str, command: bool) -> None:
    assert is_command(line) is command


def test_a_second_slash_escapes_the_first(paper: Paper) -> None:
    paper.types("//help is a word")
    assert paper.talk.conversation.result().turns[-1].text == "/help is a word"


def test_who_types_quit_as_talk_is_told_how_to_leave(paper: Paper) -> None:
    work = handle(TABLE, paper.talk, "Quit")
    assert paper.text == "(/quit leaves.)\n"
    assert work
    assert "/quit" not in paper.types("I quit")


def test_of_a_long_line_taken_back_the_beginning_is_shown(paper: Paper) -> None:
    paper.types("hello " * 5000)
    (offered,) = paper.offers("/edit ").values()
    assert len(offered) <= 300
    assert paper.types("/undo").count("\n") == 5


def test_retry_and_undo_and_new(paper: Paper) -> None:
    first = paper.types("hello")
    again, counted = paper.types("/retry").splitlines()
    assert again != first.rstrip()
    assert counted == "(reply 2 of 2)"
    assert paper.talk.turns == 1
    assert paper.types("/undo") == "Took back: hello\n"
    assert paper.talk.turns == 0
    paper.types("hello")
    number = paper.talk.number
    paper.types("/new")
    waited(paper.talk.conversation)
    assert (paper.talk.turns, paper.talk.number) == (0, None)
    paper.types("hello")
    assert paper.talk.number != number


def test_what_is_not_kept_any_more_is_told_in_words_of_the_conversation(paper: Paper) -> None:
    def told(line: str) -> str:
        paper.text = ""
        with pytest.raises(NoConversation) as caught:
            paper.types(line)
        paper.talk.failure(caught.value)
        return paper.text

    paper.types("hello")
    assert told("/open 99").endswith("no conversation 99; /history lists them\n")
    history, number = paper.talk.opened.result(), paper.talk.number
    assert history is not None
    assert number is not None
    delete_conversations(history, [number])
    assert told("hello again").endswith("this conversation was deleted elsewhere; /new starts another\n")
    paper.types("/new")
    waited(paper.talk.conversation)
    assert paper.types("hello").startswith("bot> ")


def test_settings_can_be_set_shown_and_given_back(paper: Paper) -> None:
    assert paper.types("/set beam-size=7") == "beam_size is 7\n"
    assert paper.talk.settings.beam_size == 7
    assert "beam_size 7" in paper.types("/set beam_size")
    assert "7" in paper.types("/settings")
    assert paper.types("/set beam_size default") == "beam_size is 3\n"
    assert paper.types("/set --seed 5") == "seed is 5\n"
    assert paper.types("/set seed none") == "seed is none\n"
    assert paper.types("/set") == paper.types("/settings")


def test_setting_names_and_values_are_offered_with_what_they_mean(paper: Paper) -> None:
    assert paper.offers("/set ").keys() == {*fields_of(DecodingSettings), "translate"}
    assert paper.offers("/set beam")["beam_size"].startswith("3: hypotheses kept")
    for name in fields_of(DecodingSettings):
        values = paper.offers(f"/set {name} ")
        assert "default" in values
        for value in values:
            assert paper.types(f"/set {name} {value}").startswith(f"{name} is")
    assert paper.offers("/set nonsense ") == {}
    assert paper.offers("/set beam_size 5 ") == {}


def test_only_commands_that_can_work_are_offered(paper: Paper) -> None:
    assert "/retry" not in paper.offers("/")
    paper.types("hello")
    assert "/retry" in paper.offers("/")


@pytest.mark.parametrize("line", ["hello", "//", "say /", "/nonsense x", "/quit ", "/help\n"])
def test_talk_is_not_completed(paper: Paper, line: str) -> None:
    assert paper.offers(line) == {}


def test_models_are_offered_by_name(paper: Paper, tiny_bundle: Path) -> None:
    from chatbot.home import home

    (home() / "models").mkdir()
    (home() / "models" / "mine").symlink_to(tiny_bundle)
    assert "mine" in paper.offers("/model ")
    assert "shakespeare" not in paper.offers("/model ")  # a model in the box, but none to talk with
    assert paper.types("/model").startswith("The model is tiny (")
    assert paper.types("/model mine") == "Loading mine ...\n"
    assert waited(paper.talk.model).name == "tiny"
    assert paper.talk.name == "mine"


def test_history_lists_the_latest_conversations_last(paper: Paper) -> None:
    assert paper.types("/history") == "No conversation is kept yet.\n"
    for text in ("first one", "second\nwith lines", "third"):
        paper.types(text)
        paper.types("/new")
        waited(paper.talk.conversation)
    paper.types("now")
    lines = paper.types("/history 3").splitlines()
    assert [line.split("  ")[-1] for line in lines[:-1]] == ["second with lines", "third", "now"]
    assert lines[2].startswith("*4  ")


def test_what_is_not_kept_has_no_history(tiny_bundle: Path) -> None:
    paper = Paper(Asked(model=str(tiny_bundle), keep=False))
    with pytest.raises(UsageError, match=r"nothing is kept"):
        paper.types("/history")
    assert paper.types("hello")
    assert paper.talk.number is None


def test_waiting_ends_when_the_person_gives_up() -> None:
    never: Future[int] = Future()
    with pytest.raises(ChatbotError, match="stopped while the model was still loading"):
        waited(never, lambda: True)


def test_what_fails_in_the_background_fails_where_it_is_waited_for() -> None:
    def fail() -> None:
        raise TimeoutError("its own")

    with pytest.raises(TimeoutError, match="its own"):
        waited(in_background(fail), lambda: False)
