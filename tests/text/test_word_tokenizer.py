from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.corpus.normalise import normalise
from chatbot.errors import VocabularyError
from chatbot.text.special import SPECIAL_PIECES, UNK_ID
from chatbot.text.word_tokenizer import WordTokenizer, first_words, join_words, split_words, train_words

TEXTS = ["the cat sat on the mat", "The cat didn't sit.", "the dog, the cat"]


def test_the_commonest_words_are_kept() -> None:
    tokenizer = train_words(TEXTS, 9)
    assert tokenizer.pieces(range(tokenizer.size)) == [*SPECIAL_PIECES, "the", "cat", ","]
    assert tokenizer.encode("the cat , the bird") == [6, 7, 8, 6, UNK_ID]
    assert tokenizer.decode(tokenizer.encode("the cat, the bird")) == "the cat, the <unk>"


def test_rare_words_are_unknown() -> None:
    tokenizer = train_words(TEXTS, 1000, minimum_count=2)
    assert tokenizer.pieces(range(6, tokenizer.size)) == ["the", "cat"]


def test_case_is_kept_or_folded() -> None:
    assert train_words(TEXTS, 1000).encode("The") != train_words(TEXTS, 1000).encode("the")
    folded = train_words(TEXTS, 1000, lower_case=True)
    assert folded.encode("THE Cat") == folded.encode("the cat")
    assert WordTokenizer.from_bytes(folded.to_bytes()).encode("THE") == folded.encode("the")


def test_special_names_in_a_text_are_no_special_ids() -> None:
    tokenizer = train_words(["<pad> <self> pad self"], 1000)
    assert not set(tokenizer.encode("<pad> <unk> <self>")) & {0, 2, 3, 4, 5}
    assert tokenizer.decode([2, 4, *tokenizer.encode("pad self"), 3, 0, 0]) == "pad self"


@pytest.mark.parametrize(
    "text",
    [
        "Don't you think so, Mr. O'Neil?",
        "Well... I -- I don't know!",
        'She said "no" and left (at once).',
        "It's a well-known fact: 50% off; $20.",
        "e.g. this / that",
        "rock' n' roll",
        "",
    ],
)
def test_ordinary_text_reads_as_it_was(text: str) -> None:
    tokenizer = train_words([text], 1000)
    expected = text.replace("e.g. this / that", "e. g. this/that")
    assert tokenizer.decode(tokenizer.encode(text)) == expected


def test_contractions_and_runs_are_one_token() -> None:
    assert split_words("don't stop... it's 'fine' -- ok!?") == [
        *("don't", "stop", "...", "it's", "'", "fine", "'", "--", "ok", "!", "?")
    ]


def test_contractions_can_be_two_words() -> None:
    said = "I DON'T think they'd've gone, can't you see? 'Tis Anna's; n't 's."
    assert split_words(said, contractions=True) == [
        *("I", "DO", "N'T", "think", "they", "'d", "'ve", "gone", ",", "ca", "n't", "you", "see", "?"),
        *("'", "Tis", "Anna", "'s", ";", "n't", "'", "s", "."),
    ]
    tokenizer = train_words([said], 1000, contractions=True)
    loaded = WordTokenizer.from_bytes(tokenizer.to_bytes())
    assert loaded.pieces(loaded.encode(said)) == split_words(said, contractions=True)
    assert loaded.decode(loaded.encode("they'd've don't Anna's")) == "they'd've <unk>n't Anna's"


@given(st.text(), st.integers(1, 9), st.booleans())
def test_the_first_words_of_a_text_are_its_beginning(text: str, most: int, contractions: bool) -> None:
    text = normalise(text)
    begun = first_words(text, most, contractions)
    assert text.startswith(begun)
    words = split_words(text, contractions)
    assert begun.replace(" ", "") == "".join(words[:most])
    assert first_words(text, len(words) + 1, contractions).split() == text.split()


@given(st.text())
def test_any_text_has_ids_and_the_readable_text_has_no_odd_spaces(text: str) -> None:
    words = split_words(normalise(text))
    tokenizer = train_words([normalise(text)], 1000)
    assert tokenizer.pieces(tokenizer.encode(text)) == words
    folded = train_words([normalise(text)], 1000, lower_case=True)
    assert WordTokenizer.from_bytes(folded.to_bytes()).to_bytes() == folded.to_bytes()
    readable = join_words(words)
    assert readable == " ".join(readable.split())
    assert readable.replace(" ", "") == "".join(words)


def test_the_same_texts_give_the_same_file() -> None:
    assert train_words(TEXTS, 100).to_bytes() == train_words(list(reversed(TEXTS)), 100).to_bytes()
    loaded = WordTokenizer.from_bytes(train_words(TEXTS, 100).to_bytes())
    assert loaded.to_bytes() == train_words(TEXTS, 100).to_bytes()


GOOD: dict[str, Any] = {"format": "chatbot words 1", "lower_case": False, "words": ["a", "b"]}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "no vocabulary of this version"),
        (json.dumps({**GOOD, "format": "chatbot words 2"}).encode(), "no vocabulary of this version"),
        (json.dumps({**GOOD, "words": "ab"}).encode(), "expected at most"),
        (json.dumps({**GOOD, "lower_case": 1}).encode(), "expected at most"),
        (json.dumps({**GOOD, "contractions": "no"}).encode(), "expected contractions true or false"),
        (json.dumps({**GOOD, "words": ["don't"], "contractions": True}).encode(), "is not one word"),
        (json.dumps({**GOOD, "words": ["a", 1]}).encode(), "is not one word"),
        (json.dumps({**GOOD, "words": ["a b"]}).encode(), "is not one word"),
        (json.dumps({**GOOD, "words": ["\x1b"]}).encode(), "is not one word"),
        (json.dumps({**GOOD, "words": ["\ud800"]}).encode(), "is not one word"),
        (json.dumps({**GOOD, "words": ["a", "a"]}).encode(), "twice"),
        (bytes(33 << 20), "expected at most"),
    ],
    ids=range(15),
)
def test_damaged_files_are_one_line(content: bytes, said: str) -> None:
    with pytest.raises(VocabularyError, match=said) as caught:
        WordTokenizer.from_bytes(content)
    assert "\n" not in str(caught.value)
