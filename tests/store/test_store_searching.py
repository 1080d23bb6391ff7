"""Finding words again: ranked, marked, in step with the rows, and whatever is typed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from toy_dialogue import toy_model

from chatbot.dialogue.dialogue import Dialogue
from chatbot.errors import UsageError
from chatbot.store import matching, schema
from chatbot.store.annotations import note, rate
from chatbot.store.history import History
from chatbot.store.recorded import RecordedDialogue
from chatbot.store.searching import search
from chatbot.store.snippets import Snippet, snippet_of


def found(history: History, words: str, limit: int = 20) -> list[tuple[int, str, str]]:
    return [(one.conversation_id, one.kind, one.snippet) for one in search(history, words, limit)]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_turns_replies_and_notes_are_found_with_the_hits_marked(history: History) -> None:
    dialogue = RecordedDialogue(Dialogue(toy_model()), history)
    reply = dialogue.reply("Good Évening to you")
    note(history, 1, 1, "a cool evening")
    rate(history, 1, 4)
    assert sorted(found(history, "evening")) == [(1, "note", "a cool [evening]"), (1, "turn", "Good [Évening] to you")]
    assert (1, "reply", " ".join(f"[{word}]" for word in reply.text.split())) in found(history, reply.text)
    assert found(history, "4") == []
    assert search(history, "cool")[0].title == "Good Évening to you"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_best_is_first_and_there_is_a_limit(history: History) -> None:
    for text in ("rain and a lot of other words that are not it", "sun", "rain rain", "rain"):
        history.start_conversation(text)
    assert [number for number, _, _ in found(history, "rain")][-1] == 1
    assert len(found(history, "rain", limit=2)) == 2
    assert found(history, "rain lot") == [(1, "turn", "[rain] and a [lot] of other words that are not it")]
    assert found(history, "ra*")[0] in found(history, "rain")
    assert found(history, "snow") == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_index_follows_the_rows(history: History) -> None:
    RecordedDialogue(Dialogue(toy_model()), history).reply("hello there")
    assert history.location.path
    with closing(sqlite3.connect(history.location.path)) as other, other:
        other.execute("PRAGMA foreign_keys=ON")
        other.execute("UPDATE turn SET text = 'good evening'")
        other.execute("UPDATE conversation SET title = 'renamed'")
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
    message, hits = "", []
    try:
        hits = search(history, words)
    except UsageError as error:
        message = str(error)
    assert hits == []
    assert not message or "needs a word to look for" in message


def test_without_an_index_words_are_looked_for_in_the_text(history: History) -> None:
    history.start_conversation("Hello there, 100% of you")
    with history.read() as connection:
        for wanted, hits in ((["hello", "100%"], 1), (["hel*"], 1), (["100_"], 0), (["hello", "nobody"], 0)):
            assert len(connection.execute(matching._parts("turn", wanted)).all()) == hits


@pytest.mark.parametrize(
    "words", ["天气", "天", "今天天气", "很好", "好", "天气 hello", "日本語を", "ครับ", "บ", "오늘"]
)
def test_words_without_spaces_between_them_are_found(history: History, words: str) -> None:
    history.start_conversation("Hello, 今天天气很好")
    history.start_conversation("日本語を話す")
    history.start_conversation("สวัสดีครับ")
    history.start_conversation("오늘은 좋다")
    history.start_conversation("hello")
    (one,) = search(history, words)
    assert (
        "".join(one.part.text[a:b] for a, b in one.part.hits).lower()
        in words.replace(" ", "") * 2 + "Hello天气".lower()
    )
    assert found(history, words) != []


def test_words_without_spaces_that_are_not_there(history: History) -> None:
    history.start_conversation("今天天气很好")
    for words in ("天今", "好天", "气天", "天气 sunny", "很好了", "猫", "今天天气很好吗", "a天", "好\U0010ffff"):
        assert found(history, words) == []


def test_the_index_of_parts_follows_the_rows(tmp_path: Path) -> None:
    history = History.open(str(tmp_path / "history.db"))
    number, _ = history.start_conversation("今天天气很好")
    history.rename(number, "关于猫")
    assert [(one.kind, one.snippet) for one in search(history, "猫")] == [("title", "关于[猫]")]
    assert history.location.path
    with closing(sqlite3.connect(history.location.path)) as other, other:
        other.execute("PRAGMA foreign_keys=ON")
        other.execute("UPDATE turn SET text = 'good evening'")
    assert found(history, "天气") == []
    with closing(sqlite3.connect(history.location.path)) as other, other:
        other.execute("PRAGMA foreign_keys=ON")
        other.execute("DELETE FROM conversation")
        for table in schema.INDEXES_OF_WORDS:
            other.execute(f"INSERT INTO {table}({table}) VALUES ('integrity-check')")
    assert found(history, "猫") == []
    history.close()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_title_is_found_where_it_says_more_than_the_first_turn(history: History) -> None:
    number, _ = history.start_conversation("hello")
    assert [one.kind for one in search(history, "hello")] == ["turn"]
    history.rename(number, "Greetings")
    (one,) = search(history, "greet*")
    assert (one.kind, one.id, one.snippet) == ("title", number, "[Greetings]")
    assert [one.kind for one in search(history, "hello")] == ["turn"]


def test_a_snippet_holds_the_most_hits_and_knows_where_they_are() -> None:
    assert snippet_of("Hello there, 100% of you", ["hello", "you"], True).marked() == "[Hello] there, 100% of [you]"
    long = snippet_of("rain " + "x " * 100 + "rain and sun" + " y" * 100, ["rain", "sun"], False)
    assert long.marked().startswith("…x ")
    assert "[rain] and [sun]" in long.marked()
    assert long.text.endswith("y…")
    assert [long.text[start:end] for start, end in long.hits] == ["rain", "sun"]
    assert snippet_of("rainbow", ["rain"], False).hits == ()
    assert snippet_of("Rainbow", ["rain*"], False).marked("<", ">") == "<Rainbow>"
    assert snippet_of("I don't", ["don't"], False).marked() == "I [don't]"
    assert snippet_of("", ["a"], True) == Snippet("", ())


@given(st.text(max_size=300), st.lists(st.text(min_size=1, max_size=4), min_size=1, max_size=3), st.booleans())
def test_a_snippet_of_any_text(text: str, words: list[str], in_parts: bool) -> None:
    wanted = [word for word in words if any(map(str.isalnum, word))] or ["x"]
    part = snippet_of(text, wanted, in_parts, width=20)
    assert len(part.text) <= 22
    assert all(0 <= start < end <= len(part.text) for start, end in part.hits)
    assert part.marked("", "") == part.text
