"""Texts cut into windows: every id is learned from once an epoch, and scored once with what stands before it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from chatbot.corpus.conversation import Conversation, Utterance
from chatbot.corpus.counts import Counts
from chatbot.data.dataset import Dataset
from chatbot.data.prepare import Corpus, prepare
from chatbot.data.settings import settings_for
from chatbot.data.windows import Windows
from chatbot.errors import CorpusError, DatasetError
from chatbot.text.special import BOS_ID, EOS_ID, PAD_ID

LETTERS = "abcdefghijklmnopqrst"


def conversations(count: int = 30) -> list[Conversation]:
    texts = [LETTERS[: 1 + n % 20] * (1 + n % 3) for n in range(count)]
    return [Conversation(str(n), (Utterance("", text),), f"{n:03d}") for n, text in enumerate(texts)]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    folder = tmp_path_factory.mktemp("texts")
    settings = settings_for({"task": "generation", "minimum_count": 1})
    prepare([Corpus("text", conversations(), in_order=True)], folder, settings, Counts())
    return Dataset.open(folder)


def predictions(windows: Windows, batches: list[tuple[np.ndarray, ...]]) -> list[tuple[int, ...]]:
    """(ids read, id to predict) of every scored position, the ids read without padding."""
    found = []
    for previous, following in batches:
        for row, wanted in zip(previous.tolist(), following.tolist(), strict=True):
            for place, target in enumerate(wanted):
                if target != PAD_ID:
                    found.append((tuple(i for i in row[: place + 1] if i != PAD_ID), target))
    return found


def test_the_last_texts_are_held_out(dataset: Dataset) -> None:
    sources = {name: split["sources"] for name, split in dataset.info["splits"].items()}
    assert sources["test"] == ["027", "028", "029"]
    assert sources["validation"] == ["024", "025", "026"]
    assert len(dataset.texts("train")) == 24


def test_an_epoch_holds_every_id_once(dataset: Dataset) -> None:
    split = dataset.texts("train")
    windows = Windows(split, budget=60, length=7)
    for number in range(3):
        batches = [windows.collate(spans) for spans in windows.epoch(number, seed=1)]
        wanted = sorted(target for _, target in predictions(windows, [batch.arrays for batch in batches]))
        expected = sorted([*split.tokens.tolist(), *[EOS_ID] * len(split)])
        assert wanted == expected
        assert sum(batch.tokens for batch in batches) == len(expected)
        assert all(array.size <= 60 for batch in batches for array in batch.arrays)


def test_epochs_are_cut_elsewhere_and_come_back_by_their_seed(dataset: Dataset) -> None:
    windows = Windows(dataset.texts("train"), budget=60, length=7)
    first, again, other = (windows.epoch(number, seed=1) for number in (0, 0, 1))
    assert all(np.array_equal(one, two) for one, two in zip(first, again, strict=True))
    assert {tuple(span) for spans in first for span in spans.tolist()} != {
        tuple(span) for spans in other for span in spans.tolist()
    }


def test_validation_reads_a_windows_length_more_than_it_scores(dataset: Dataset) -> None:
    split = dataset.texts("validation")
    windows = Windows(split, budget=60, length=7)
    sample = windows.sample()
    assert (sample.examples, sample.bytes) == (len(split), int(split.bytes.sum()))
    batches = [windows.collate_sample(spans) for spans in sample.plan]
    found = predictions(windows, [batch.arrays for batch in batches])
    assert len(found) == len(split.tokens) + len(split) == sum(batch.tokens for batch in batches)
    assert min(len(read) for read, _ in found) == 1  # only the first of a text is guessed from nothing
    assert sum(read == (BOS_ID,) for read, _ in found) == len(split)
    assert all(len(read) >= 7 or read[0] == BOS_ID for read, _ in found)


def test_growing_windows_are_all_beginnings_padded_on_the_left(dataset: Dataset) -> None:
    windows = Windows(dataset.texts("validation"), budget=500, length=7, growing=True)
    batches = [windows.collate(spans).arrays for spans in windows.epoch(0, seed=1)]
    for previous, following in batches:
        assert np.all(following[:, :-1] == PAD_ID)
        assert np.all(following[:, -1] != PAD_ID)
        assert np.all(previous[:, -1] != PAD_ID)
    found = predictions(windows, batches)
    assert len(found) == len(windows.split.tokens) + len(windows.split)
    assert all(read[0] == BOS_ID for read, _ in found)


def test_exchanges_are_not_texts(dataset: Dataset) -> None:
    with pytest.raises(DatasetError, match="was made for generation, expected exchanges"):
        dataset.split("train")


def test_a_text_of_one_character_is_too_little(tmp_path: Path) -> None:
    settings = settings_for({"task": "generation"})
    corpus = Corpus("text", conversations(1), in_order=True)
    with pytest.raises(CorpusError, match="has 1 different text; expected at least 3"):
        prepare([corpus], tmp_path, settings, Counts())
