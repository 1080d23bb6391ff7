"""Retries, edits, picks and forks in the conversation: siblings in a tree, nothing is overwritten."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from emulator import Person, at_terminal
from paper import Paper

from chatbot.errors import ChatbotError
from chatbot.repl.talk import Asked
from chatbot.store.history import History


@pytest.fixture
def paper(paper: Paper) -> Paper:
    paper.types("hello")
    return paper


def texts(paper: Paper) -> list[str]:
    return [turn.text for turn in paper.talk.conversation.result().turns]


def last(paper: Paper) -> Any:
    return paper.talk.conversation.result().turns[-1].reply


def test_a_retry_says_which_of_how_many(paper: Paper) -> None:
    assert paper.types("/retry").endswith("\n(reply 2 of 2)\n")
    assert paper.types("/retry").endswith("\n(reply 3 of 3)\n")


def test_a_line_that_got_an_error_is_what_is_retried(paper: Paper) -> None:
    paper.types("/set beam_size 2")
    paper.types("/set temperature 0")
    paper.types("/set beam_groups 3")
    with pytest.raises(ChatbotError, match="beam_groups must divide beam_size"):
        paper.types("important")
    paper.types("/reset")
    assert paper.types("/retry").endswith("\n(reply 1 of 1)\n")
    assert texts(paper) == ["hello", "important"]


def test_an_edit_replaces_a_line_and_keeps_the_old_one(paper: Paper) -> None:
    paper.types("how are you?")
    assert paper.types("/edit and who are you?").endswith("\n(turn 2 edited)\n")
    assert texts(paper) == ["hello", "and who are you?"]
    paper.types("/edit 1 good morning")
    assert texts(paper) == ["good morning"]
    tree = paper.types("/tree")
    assert [line.strip(" *") for line in tree.splitlines() if "you> " in line] == [
        *("you> hello", "you> how are you?", "you> and who are you?", "you> good morning")
    ]
    paper.types("/edit 7 is a number of no turn")
    assert texts(paper) == ["7 is a number of no turn"]


def test_alternatives_can_be_picked_and_are_the_same_afterwards(paper: Paper) -> None:
    listed = paper.types("/alternatives").splitlines()
    found = [last(paper).text, *(one.text for one in last(paper).alternatives)]
    assert [line.split()[0] for line in listed] == ["score", "*1", "2", "3", "*"]
    assert all(text in line for line, text in zip(listed[1:], found, strict=False))
    assert paper.types("/pick 3").splitlines()[-1] == "(alternative 3 of 3)"
    assert (last(paper).text, last(paper).rank) == (found[2], 2)
    assert last(paper).token_log_probs
    again = paper.types("/alternatives").splitlines()
    assert [line.split()[0] for line in again] == ["score", "1", "2", "*3", "*"]
    assert [line.split()[1:] for line in again[1:4]] == [line.split()[1:] for line in listed[1:4]]
    paper.types("/pick 1")
    with History.open() as history:
        (turn,) = history.show(1).turns
    assert [reply.text for reply in turn.replies] == [found[0], found[2]]
    assert last(paper).text == found[0]


def test_any_reply_of_the_tree_can_be_gone_on_from(paper: Paper) -> None:
    first = last(paper).text
    paper.types("/retry")
    paper.types("and then?")
    assert paper.types("/pick #1") == f"you> hello\nbot> {first}\n"
    paper.types("go on")
    assert texts(paper) == ["hello", "go on"]
    offered = paper.offers("/pick ")
    assert offered.keys() >= {"2", "#1", "#2", "#3", "#4"}
    assert offered["#1"] == first


def test_a_fork_goes_its_own_way(paper: Paper) -> None:
    paper.types("/retry")
    assert paper.types("/fork").startswith("Conversation 2 begins as a copy of 1")
    paper.types("only here")
    assert (paper.talk.number, texts(paper)) == (2, ["hello", "only here"])
    with History.open() as history:
        assert [len(history.show(number).path) for number in (1, 2)] == [1, 2]


def test_ratings_come_along_with_a_fork(paper: Paper) -> None:
    paper.types("/rate good")
    paper.types("/note well said")
    paper.types("/bookmark")
    said = paper.types("/fork")
    assert "Ratings, corrections and notes" in said
    shown = paper.types("/show")
    assert "(rated 5)\n  (note: well said)" in shown
    assert "bookmarked" not in shown


def test_what_is_not_kept_can_be_edited_and_picked_but_has_no_tree(tiny_bundle: Path) -> None:
    paper = Paper(Asked(model=str(tiny_bundle), keep=False))
    paper.types("hello")
    paper.types("/pick 2")
    assert last(paper).rank == 1
    paper.types("more")
    paper.types("/edit 1 good morning")
    assert texts(paper) == ["good morning"]
    for line in ("/tree", "/fork", "/pick #1"):
        with pytest.raises(ChatbotError, match="nothing is kept"):
            paper.types(line)


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("/pick", r"^/pick takes the number of an alternative, 1 to 3 \(see /alternatives\), but received ''$"),
        ("/pick 4", r"received '4'$"),
        ("/pick 1", r"^alternative 1 is the reply that stands$"),
        ("/pick #9", r"^/pick takes the number of a reply, #1 to #1 \(see /tree\), but received '#9'$"),
        ("/pick #x", r"received '#x'$"),
        ("/tree 3", r"^/tree takes no argument"),
        ("/edit ...", r"^nothing to answer"),
    ],
)
def test_what_cannot_be_done_is_one_line(paper: Paper, line: str, error: str) -> None:
    before = texts(paper), last(paper)
    if line == "/edit ...":
        line = "/edit \u200b"
    with pytest.raises(ChatbotError, match=error):
        paper.types(line)
    assert (texts(paper), last(paper)) == before


def test_a_stopped_reply_cannot_be_picked_from(paper: Paper, monkeypatch: pytest.MonkeyPatch) -> None:
    conversation = paper.talk.conversation.result()
    turn = conversation.turns[-1]
    other = dataclasses.replace(turn.reply.alternatives[0], text="never found")
    reply = dataclasses.replace(turn.reply, alternatives=(other,))
    conversation.dialogue.turns = (dataclasses.replace(turn, reply=reply),)
    with pytest.raises(ChatbotError, match="could not be made again"):
        paper.types("/pick 2")


@pytest.mark.parametrize("columns", [40, 250])
def test_the_tree_on_the_screen(tiny_bundle: Path, columns: int) -> None:
    async def script(person: Person) -> None:
        await person.says("hello " * 20)
        await person.says("/retry")
        await person.says("/tree")
        await person.says("/edit 1")
        await person.sees("you> /edit 1 hello hello")
        person.types("\x01\x0b")
        await person.says("/fork")

    person = at_terminal(Asked(model=str(tiny_bundle)), script, columns=columns)
    lines = person.screen.split("\n")
    assert any(line.startswith("├─  bot> ") and line.endswith("#1") for line in lines)
    assert any(line.startswith("* bot> ") and line.endswith("#2") for line in lines)
    assert any(line.startswith("* you> hello") and line.endswith("…") == (columns == 40) for line in lines)
