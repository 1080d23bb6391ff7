"""Words a reply must not contain, and words of the prompt that a reply may copy."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tiny import tiny_tokenizer
from toy_bundle import WORDS, save_toy
from toy_dialogue import LETTERS, toy_model

from chatbot.data.context import ContextSettings, source_ids
from chatbot.decoding.hypothesis import Hypothesis
from chatbot.decoding.rules import FORBIDDEN
from chatbot.dialogue.choices import SILENCE, choices, is_flawed
from chatbot.dialogue.copying import source_words, with_copies
from chatbot.dialogue.likeness import says_twice
from chatbot.dialogue.model import Model
from chatbot.dialogue.words import forbidden_pattern, rules_for
from chatbot.settings import DecodingSettings
from chatbot.text.special import SPECIAL_PIECES, UNK_ID
from chatbot.text.word_tokenizer import WordTokenizer

PIECES = tiny_tokenizer()
few = hypothesis_settings(max_examples=40)


@few
@given(st.text(LETTERS, min_size=1).filter(str.strip), st.lists(st.sampled_from("abcdefgh"), max_size=5))
def test_a_reply_never_contains_a_forbidden_word(text: str, letters: list[str]) -> None:
    model = toy_model(beam_size=3, forbidden=", ".join(letters))
    reply = model.answer([text], [False], model.settings, 1)
    for said in (reply.text, *(one.text for one in reply.alternatives)):
        assert not set(said) & set(letters)


@pytest.mark.parametrize("word", ["tea", "Tea", "umbrella", "not really"])
def test_every_spelling_of_a_forbidden_word_is_known(word: str) -> None:
    rules = rules_for(PIECES, DecodingSettings(forbidden=f"nothing, {word},,"))
    assert tuple(PIECES.encode(word)) in rules.sequences
    for ids in rules.sequences | rules.openings:
        said = PIECES.decode(ids).casefold()
        assert said in (word.casefold(), "nothing")
    pieces = PIECES.pieces(range(PIECES.size))
    letters = [pieces.index(letter) for letter in word.lower().replace(" ", "▁")]
    assert tuple(letters) in rules.openings
    assert (pieces.index("▁"), *letters) in rules.sequences
    ascii_bytes = [i for i, piece in enumerate(pieces) if piece == "<0x41>"]
    assert set(ascii_bytes) <= rules.never


def test_a_long_word_of_many_spellings_does_not_take_forever() -> None:
    rules = rules_for(PIECES, DecodingSettings(forbidden="tea" * 300))
    assert 0 < len(rules.sequences) <= 4 * 1001


def test_marks_are_tokens_without_a_letter_or_digit() -> None:
    rules = rules_for(PIECES, DecodingSettings())
    marks = {PIECES.pieces([i])[0] for i in rules.marks}
    assert {".", "?", ",", "▁"} <= marks
    assert not any(map(str.isalnum, "".join(marks)))
    assert not rules.marks & set(range(len(SPECIAL_PIECES)))
    assert (rules.never, rules.sequences) == (frozenset(FORBIDDEN), frozenset())


def test_a_text_with_a_forbidden_word_is_no_choice_however_it_is_spelled() -> None:
    found = [Hypothesis(tuple(PIECES.encode(text)), -1, -1, True) for text in ("more TeA?", "teapots steal", "tea")]
    forbidden = DecodingSettings(forbidden="tea")
    assert [one.text for one in choices(found, PIECES, forbidden)] == ["teapots steal"]
    assert [one.text for one in choices(found[2:], PIECES, forbidden)] == [SILENCE]
    assert forbidden_pattern(" , ,") is None


def test_copied_words_are_those_most_attended_to() -> None:
    attention = np.array([[0.9, 0.0, 0.1], [0.2, 0.3, 0.5], [0.5, 0.5, 0.0]], np.float32)
    hypothesis = Hypothesis((UNK_ID, 9, UNK_ID), -1, -1, False, (-1, -1, -1), attention)
    assert with_copies("<unk> and <unk>!", hypothesis, ["", "Bob", "Eve"]) == "Eve and Bob!"
    assert with_copies("<unk> and <unk>!", hypothesis, []) == " and !"
    assert with_copies("<unk>", replace(hypothesis, attention=None), ["", "Bob", "Eve"]) == ""


@given(st.lists(st.text("aAİ' .<&é", max_size=8), max_size=5), st.booleans(), st.integers(2, 12), st.booleans())
def test_source_words_stand_beside_source_ids(texts: list[str], marks: bool, longest: int, lower: bool) -> None:
    tokenizer, context = WordTokenizer(["a", "."], lower), ContextSettings(marks=marks, max_source_length=longest)
    encoded = [tokenizer.encode(text) for text in texts]
    turns = slice(-context.turns, None)
    words = source_words(texts[turns], encoded[turns], context)
    ids = source_ids(encoded, [False] * len(texts), context)
    assert len(words) == len(ids)
    for word, token in zip(words, ids, strict=True):
        assert tokenizer.encode(word) == ([token] if word else [])


def test_a_model_of_words_says_an_unknown_word_again(tmp_path: Path) -> None:
    save_toy(tmp_path / "toy")
    model = Model.load(str(tmp_path / "toy"))
    network: Any = model.stepper
    network.output = replace(network.output, bias=network.output.bias + 20 * np.eye(1, 86, UNK_ID)[0])
    settings = replace(model.settings, max_length=3, no_repeat_ngram=0)
    prompt = ["balal Gwendolyn", "Xerxes, Xanthippe"], [False, True]
    silent, reply = (model.answer(*prompt, replace(settings, copy_unknown=on), 1) for on in (False, True))
    assert "<unk>" not in silent.text + reply.text
    assert set(reply.text.split()) <= {"balal", "Gwendolyn", "Xerxes", "Xanthippe", ","}
    assert set(silent.text.split()) <= set(WORDS)
    assert reply.context_words == ("", "balal", "Gwendolyn", "", "Xerxes", ",", "Xanthippe")
    assert silent.context_words == ()
    again = model.answer_ids(reply.context_ids, reply.settings, words=reply.context_words)
    assert again.text == reply.text


@pytest.mark.parametrize(
    ("text", "size", "twice"),
    [
        ("No, no. No, no.", 3, True),
        ("No, no. No no.", 3, False),
        ("I know him. I know him.", 3, True),
        ("I know him. I know her.", 3, False),
        ("I know him. I know her.", 2, True),
        ("no no no no", 0, False),
        ("...", 3, False),
        ("....", 3, True),
    ],
)
def test_words_said_twice_are_found_whatever_their_ids(text: str, size: int, twice: bool) -> None:
    assert says_twice(text, size) == twice


@pytest.mark.parametrize(
    ("flawed", "finished"),
    [("ho ho ho ho", True), ("!", True), ("ho hey", False)],
    ids=["repeats itself", "marks alone", "was cut"],
)
def test_a_flawed_choice_comes_after_all_others(flawed: str, finished: bool) -> None:
    tokenizer, settings = WordTokenizer(["ho", "hey", "!"], False), DecodingSettings(no_repeat_ngram=3)
    bad = Hypothesis(tuple(tokenizer.encode(flawed)), -1.0, -1.0, finished)
    good = Hypothesis(tuple(tokenizer.encode("hey")), -2.0, -2.0, True)
    assert [one.text for one in choices([bad, good], tokenizer, settings)] == ["hey", flawed]
    assert [one.text for one in choices([bad], tokenizer, settings)] == [flawed]


def test_what_may_be_said_again_is_no_flaw() -> None:
    assert is_flawed("ho ho ho ho", True, DecodingSettings(no_repeat_ngram=3))
    assert not is_flawed("ho ho ho ho", True, DecodingSettings(no_repeat_ngram=0))
