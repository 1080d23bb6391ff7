"""What a tagger knows of words: those of its training sentences, and, where there is room, those of word vectors."""

from __future__ import annotations

from chatbot.text.special import SPECIAL_PIECES, UNK_ID
from chatbot.text.tagging_tokenizer import train_tagging

FIRST = len(SPECIAL_PIECES)
SENTENCES = [(["Anna", "saw", "Anna"], ["B-PER", "O", "B-PER"]), (["Rome", "in", "1999"], ["B-LOC", "O", "O"])]


def test_words_of_vectors_follow_those_of_the_sentences_and_stand_once() -> None:
    tokenizer = train_tagging(SENTENCES, 300, ["rome", "paris", "Paris", "2024", "lyon"])
    words = tokenizer.pieces(range(tokenizer.size))[FIRST:]
    assert words == ["anna", "0000", "in", "rome", "saw", "paris", "lyon"]
    assert UNK_ID not in tokenizer.word_ids(["PARIS", "1066"])


def test_the_words_of_the_sentences_have_the_room_first() -> None:
    full = train_tagging(SENTENCES, FIRST + 5, ["paris", "lyon"])
    assert full.pieces(range(full.size))[FIRST:] == ["anna", "0000", "in", "rome", "saw"]
    assert full.word_ids(["paris"]) == [UNK_ID]


def test_empty_words_of_vectors_are_passed_over() -> None:
    assert train_tagging(SENTENCES, 300, ["", "oslo"]).pieces(range(FIRST + 5, FIRST + 6)) == ["oslo"]
