"""Finding words again: ranked, marked, in step with the rows, and whatever is typed."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from toy_dialogue import toy_model

from chatbot.dialogue.dialogue import Dialogue
from chatbot.errors import UsageError
from chatbot.store import searching
from chatbot.store.annotations import note, rate
from chatbot.store.history import History
from chatbot.store.recorded import RecordedDialogue
from chatbot.store.searching import marked, search


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    with History.open(str(tmp_path / "history.db")) as history:
        yield history


def found(history: History, words: str, limit: int = 20) -> list[tuple[int, str, str]]:
    return [(one.conversation_id, one.kind, one.snippet) for one in search(history, words, limit)]


def test_turns_replies_and_notes_are_found_with_the_hits_marked(history: History) -> None:
    dialogue = RecordedDialogue(Dialogue(toy_model()), history)
    reply = dialogue.reply("Good Évening to you")
    note(history, 1, 1, "a cool evening")
    rate(history, 1, 4)
    assert sorted(found(history, "evening")) == [(1, "note", "a cool [evening]"), (1, "turn", "Good [Évening] to you")]
    assert (1, "reply", " ".join(f"[{word}]" for word in reply.text.split())) in found(history, reply.text)
    assert found(history, "4") == []
    assert search(history, "cool")[0].title == "Good Évening to you"


def test_the_best_is_first_and_there_is_a_limit(history: History) -> None:
    for text in ("rain and a lot of other words that are not it", "sun", "rain rain", "rain"):
        history.start_conversation(text)
    assert [number for number, _, _ in found(history, "rain")][-1] == 1
    assert len(found(history, "rain", limit=2)) == 2
    assert found(history, "rain lot") == [(1, "turn", "[rain] and a [lot] of other words that are not it")]
    assert found(history, "ra*")[0] in found(history, "rain")
    assert found(history, "snow") == []


def test_the_index_follows_the_rows(history: History) -> None:
    RecordedDialogue(Dialogue(toy_model()), history).reply("hello there")
    assert history.location.path
    with closing(sqlite3.connect(history.location.path)) as other, other:
        other.execute("PRAGMA foreign_keys=ON")
        other.execute("UPDATE turn SET text = 'good evening'")
    assert found(history, "hello") == []
    assert found(history, "evening") == [(1, "turn", "good [evening]")]
    with closing(sqlite3.connect(history.location.path)) as other, other:
        other.execute("PRAGMA foreign_keys=ON")
        other.execute("DELETE FROM conversation")  # the rest goes with it, by reference
        for table in ("turn", "reply", "annotation"):
            other.execute(f"INSERT INTO {table}_words({table}_words) VALUES ('integrity-check')")
    assert found(history, "evening") == []


@pytest.mark.parametrize(
    "words",
    ['"', '"hello', "hello OR", "(hello", "hello)", "NOT hello", "text:hello", "^hello", "h*llo", "-hello", "a\x00b"],
)
def test_what_is_typed_is_never_an_instruction(history: History, words: str) -> None:
    history.start_conversation(f"so it was: {words}")
    if any(map(str.isalnum, words)):
        assert [number for number, _, _ in found(history, words)] == [1]
    else:
        with pytest.raises(UsageError, match="needs a word to look for"):
            found(history, words)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet=st.characters() | st.sampled_from("\"'*()^:+-ab \x00\ud800"), max_size=20))
def test_any_text_can_be_searched_for(history: History, words: str) -> None:
    with contextlib.suppress(UsageError):  # where it holds no word
        search(history, words)


def test_without_an_index_words_are_looked_for_in_the_text(history: History) -> None:
    history.start_conversation("Hello there, 100% of you")
    with history.read() as connection:
        for wanted, hits in ((["hello", "100%"], 1), (["hel*"], 1), (["100_"], 0), (["hello", "nobody"], 0)):
            assert len(connection.execute(searching._plain(wanted, 5)).all()) == hits
    assert marked("Hello there, 100% of you", ["hello", "you"]) == "[Hello] there, 100% of [you]"
    assert marked("x " * 100 + "hello" + " y" * 100, ["hello"]).startswith("…")
