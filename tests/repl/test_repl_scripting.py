"""/test makes a script of the last turns that `chatbot test` can run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from paper import Paper

from chatbot.cli.main import main
from chatbot.errors import UsageError
from chatbot.repl.loading import Stopped
from chatbot.repl.scripting import _test
from chatbot.repl.talk import Asked
from chatbot.scripts.reading import read_script

SAID = ("Hello there!", "How are you?", "Why: is that?")


@pytest.fixture
def paper(tiny_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Paper]:
    monkeypatch.chdir(tmp_path)
    paper = Paper(Asked(model=str(tiny_bundle)), columns=1000)
    yield paper
    paper.talk.close()


def test_the_last_turns_become_a_script_that_passes(paper: Paper, tmp_path: Path) -> None:
    for text in SAID:
        paper.types(text)
    shown = paper.types("/test last 2")
    path = tmp_path / "how-are-you.dialogue.yaml"
    assert shown == f"Wrote {path}, what holds on 20 seeds. Run it with: chatbot test how-are-you.dialogue.yaml\n"
    (dialogue,) = read_script(path).dialogues
    assert [turn.user for turn in dialogue.turns] == list(SAID[1:])
    assert [[one.name for one in turn.expectations] for turn in dialogue.turns] == [["reply"], ["reply"]]
    assert main(["test", path.name]) == 0


def test_all_of_it_and_a_name_of_ones_own(paper: Paper, tmp_path: Path) -> None:
    for text in SAID:
        paper.types(text)
    assert "chatbot test 'my talk.dialogue.yaml'" in paper.types("/test all my talk.dialogue.yaml")
    assert len(read_script(tmp_path / "my talk.dialogue.yaml").dialogues[0].turns) == len(SAID)
    paper.types("/test last other.yaml")
    assert len(read_script(tmp_path / "other.yaml").dialogues[0].turns) == 1


def test_more_turns_than_there_are_is_all_of_them(paper: Paper, tmp_path: Path) -> None:
    for text in SAID:
        paper.types(text)
    paper.types("/test last 6")
    (dialogue,) = read_script(tmp_path / "hello-there.dialogue.yaml").dialogues
    assert [turn.user for turn in dialogue.turns] == list(SAID)


@pytest.mark.parametrize("text", ["", "some", "last 0", "last -1", "lastly", "3"])
def test_anything_else_is_explained(paper: Paper, text: str) -> None:
    paper.types("hello")
    with pytest.raises(UsageError, match=r"/test takes last N \[FILE\] or all \[FILE\], but received"):
        paper.types(f"/test {text}")


def test_it_waits_for_something_to_be_said(paper: Paper) -> None:
    with pytest.raises(UsageError, match="/test cannot work now: nothing was said yet"):
        paper.types("/test all")


def test_it_works_in_private(paper: Paper, tmp_path: Path) -> None:
    paper.types("/private")
    paper.types("hello")
    paper.types("/test all x.yaml")
    assert len(read_script(tmp_path / "x.yaml").dialogues) == 1


def test_its_words_are_offered(paper: Paper) -> None:
    paper.types("hello")
    assert set(paper.offers("/test ")) == {"all", "last"}


def test_it_can_be_given_up_midway_and_then_writes_nothing(paper: Paper, tmp_path: Path) -> None:
    for text in SAID:
        paper.types(text)
    looks = iter([False, False, True])
    with pytest.raises(Stopped, match="no test is written"):
        _test(paper.talk, "all", lambda: next(looks, True))
    assert not list(tmp_path.glob("*.yaml"))
