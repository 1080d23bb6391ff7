"""Datasets and raw corpora give the same exchanges, in whichever tokenizer's ids; unknown words are spelled."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from small_corpus import conversations, write_corpus, write_dataset
from tiny import tiny_tokenizer

from chatbot.data.context import ContextSettings
from chatbot.data.dataset import Dataset
from chatbot.errors import CorpusError, DatasetError
from chatbot.evaluation.exchanges import (
    Exchanges,
    corpus_exchanges,
    dataset_exchanges,
    evenly,
    folds_case,
    reply_places,
    unknown_words,
)
from chatbot.text.special import UNK_ID
from chatbot.text.word_tokenizer import WordTokenizer

CONTEXT = ContextSettings(turns=2)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("exchanges") / "dataset")


@pytest.fixture(scope="module")
def word_dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("exchanges") / "words", tokenizer="word", minimum_count=40)


def validation_corpus(dataset: Path, folder: Path) -> Path:
    """The raw corpus of the movies that the dataset put into validation."""
    return write_corpus(folder, set(Dataset.open(dataset).info["splits"]["validation"]["sources"]))


def lists(arrays: list[np.ndarray]) -> list[list[int]]:
    return [array.tolist() for array in arrays]


def test_evenly_spreads_and_never_repeats():
    assert evenly(10, 3) == [0, 3, 6]
    assert evenly(3, 10) == [0, 1, 2]
    assert evenly(4, None) == [0, 1, 2, 3]


def test_replies_to_score_are_neither_empty_nor_long_nor_after_nothing():
    normal, odd = conversations()[:2]
    assert reply_places(normal) == [1, 2, 3, 4]
    assert reply_places(odd) == [3]  # the second says nothing, the third follows nothing, the last has 61 words


def test_a_split_in_its_own_ids_is_that_of_the_dataset(dataset):
    opened = Dataset.open(dataset)
    split = opened.split("validation")
    found = dataset_exchanges(dataset, "validation", opened.tokenizer(), CONTEXT, None, 4)
    assert len(found) == len(split)
    assert lists(found.sources) == [split.source(i, CONTEXT) for i in range(len(split))]
    assert lists(found.targets) == [split.target(i).tolist() for i in range(len(split))]
    np.testing.assert_array_equal(found.reply_bytes, split.reply_bytes())
    assert found.context_turns == 2
    train = [opened.split("train").target(i).tolist() for i in range(len(opened.split("train")))]
    assert all(reply in train for reply in lists(found.random_replies))
    assert len(found.random_replies) == 4


def test_a_raw_corpus_gives_what_its_dataset_gives(dataset, tmp_path):
    tokenizer = Dataset.open(dataset).tokenizer()
    prepared = dataset_exchanges(dataset, "validation", tokenizer, CONTEXT, None, 0)
    raw = corpus_exchanges(validation_corpus(dataset, tmp_path / "raw"), tokenizer, CONTEXT, None, 0)
    assert lists(raw.sources) == lists(prepared.sources)
    assert lists(raw.targets) == lists(prepared.targets)
    np.testing.assert_array_equal(raw.reply_bytes, prepared.reply_bytes)
    np.testing.assert_array_equal(raw.reply_words, prepared.reply_words)


def test_a_dataset_of_other_ids_is_encoded_anew(dataset, tmp_path):
    other = tiny_tokenizer()
    prepared = dataset_exchanges(dataset, "validation", other, CONTEXT, None, 3)
    raw = corpus_exchanges(validation_corpus(dataset, tmp_path / "raw"), other, CONTEXT, None, 3)
    assert lists(prepared.sources) == lists(raw.sources)
    assert lists(prepared.targets) == lists(raw.targets)
    assert all(isinstance(other.decode(reply.tolist()), str) for reply in prepared.random_replies)


def test_ids_that_do_not_give_the_text_back_are_refused(word_dataset):
    with pytest.raises(DatasetError, match="evaluate on the raw corpus"):
        dataset_exchanges(word_dataset, "test", tiny_tokenizer(), CONTEXT, None, 0)


def test_a_limit_takes_an_even_part(dataset, tmp_path):
    tokenizer = Dataset.open(dataset).tokenizer()
    whole = dataset_exchanges(dataset, "train", tokenizer, CONTEXT, None, 0)
    part = dataset_exchanges(dataset, "train", tokenizer, CONTEXT, 7, 0)
    assert lists(part.targets) == [whole.targets[i].tolist() for i in evenly(len(whole), 7)]
    assert part.reply_words.tolist() == [whole.reply_words[i] for i in evenly(len(whole), 7)]
    assert len(corpus_exchanges(write_corpus(tmp_path / "raw"), tokenizer, CONTEXT, 7, 50)) == 7


def test_a_dataset_of_fewer_turns_says_so(dataset):
    tokenizer = Dataset.open(dataset).tokenizer()
    assert dataset_exchanges(dataset, "test", tokenizer, ContextSettings(turns=9), 1, 0).context_turns == 3


def test_a_corpus_without_exchanges_is_an_error(tmp_path):
    folder = tmp_path / "empty"
    folder.mkdir()
    (folder / "movie_lines.txt").write_text("L1 +++$+++ u0 +++$+++ m0 +++$+++ A +++$+++ Alone.\n")
    (folder / "movie_conversations.txt").write_text("u0 +++$+++ u0 +++$+++ m0 +++$+++ ['L1']\n")
    with pytest.raises(CorpusError, match="no exchange to score"):
        corpus_exchanges(folder, tiny_tokenizer(), CONTEXT, None, 0)


def of_texts(texts: list[str], tokenizer: WordTokenizer) -> Exchanges:
    targets = [np.array(tokenizer.encode(text), np.int32) for text in texts]
    sizes = np.array([len(text.encode()) for text in texts])
    return Exchanges(targets, targets, sizes, sizes, 1, [], "reply")


def test_unknown_words_are_counted_with_their_bytes():
    tokenizer = WordTokenizer(["the", "cat", "sat", ",", "."], lower_case=False)
    texts = ["the cat sat.", "the gnu, sat.", "Émile sat, the ibis.", "zzz zzz"]
    words, spelled = unknown_words(of_texts(texts, tokenizer), tokenizer)
    assert words.tolist() == [0, 1, 2, 2]
    assert spelled.tolist() == [0, len("gnu"), len("Émile".encode()) + len("ibis"), 6]


def test_unknown_words_of_a_word_dataset_are_those_of_its_corpus(word_dataset, tmp_path):
    tokenizer = Dataset.open(word_dataset).tokenizer()
    prepared = dataset_exchanges(word_dataset, "validation", tokenizer, CONTEXT, None, 0)
    raw = corpus_exchanges(validation_corpus(word_dataset, tmp_path / "raw"), tokenizer, CONTEXT, None, 0)
    for found, expected in zip(unknown_words(prepared, tokenizer), unknown_words(raw, tokenizer), strict=True):
        np.testing.assert_array_equal(found, expected)
    assert sum((target == UNK_ID).sum() for target in prepared.targets) > 0


def test_folding_case_is_noticed():
    assert folds_case(WordTokenizer(["i"], lower_case=True))
    assert not folds_case(WordTokenizer(["i", "I"], lower_case=False))
    assert not folds_case(WordTokenizer(["you"], lower_case=False))
    assert not folds_case(tiny_tokenizer())
