"""Words that a model of whole words does not know: underlined while typing, replaced on Tab."""

from __future__ import annotations

from pathlib import Path

from emulator import Person, at_terminal

from chatbot.repl.talk import Asked
from chatbot.repl.unknown import nearest, unknown_words
from chatbot.store.history import History
from chatbot.text.word_tokenizer import WordTokenizer

WORDS = WordTokenizer(["hello", "there", "don't", "evening", "even", "?"], lower_case=True)


def underlined(person: Person) -> str:
    """The underlined letters on the screen."""
    rows = person.terminal.buffer
    return "".join(rows[y][x].data for y in sorted(rows) for x in sorted(rows[y]) if rows[y][x].underscore)


def test_the_words_of_a_line() -> None:
    line = "Hello thare, don't won't?"
    assert [line[start:end] for start, end in unknown_words(WORDS, line)] == ["thare", "won't"]
    assert nearest(WORDS, "Thare")[0] == "there"
    assert nearest(WORDS, "evenin")[0] == "evening"
    assert nearest(WORDS, "xyzzy") == []


def test_unknown_words_are_underlined_and_tab_finds_the_nearest(tiny_bundle: Path) -> None:
    async def script(person: Person) -> None:
        await person.is_ready()
        object.__setattr__(person.session.talk.model.result(), "tokenizer", WORDS)  # it is frozen
        person.types("Hello thare")
        await person.until(lambda: underlined(person) == "thare")
        person.types("\t")
        await person.sees("you> Hello there")
        await person.until(lambda: underlined(person) == "")
        person.types("\x03/thare")
        await person.sees("you> /thare")
        assert underlined(person) == ""
        person.types("\x03")

    with History.open():
        pass
    at_terminal(Asked(model=str(tiny_bundle)), script)


def test_pieces_of_words_know_every_word(tiny_bundle: Path) -> None:
    async def script(person: Person) -> None:
        await person.is_ready()
        person.types("hello xyzzy\t")
        await person.sees("you> hello xyzzy")
        assert underlined(person) == ""
        person.types("\x03")

    at_terminal(Asked(model=str(tiny_bundle)), script)
