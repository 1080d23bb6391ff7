"""Prompts as they are typed in a hurry: how texts look then, who is read so, and in which epochs."""

from __future__ import annotations

import numpy as np
import pytest

from chatbot.corpus.conversation import Conversation, Utterance
from chatbot.corpus.counts import Counts
from chatbot.data.batches import Batches
from chatbot.data.casual import casual_text, casual_texts
from chatbot.data.context import ContextSettings, source_ids
from chatbot.data.dataset import Dataset
from chatbot.data.prepare import Corpus, prepare
from chatbot.data.settings import settings_for

CONTEXT = ContextSettings(turns=3)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Conversations of four turns between A and B, all of the same texts."""
    folder = tmp_path_factory.mktemp("data")
    turns = ("Hello, Anna.", "Hello! Who are you?", "I am Bob...", "Why?")
    said = tuple(Utterance("AB"[i % 2], text) for i, text in enumerate(turns))
    settings = settings_for({"tokenizer": "word", "minimum_count": 1})
    counts = Counts()
    prepare([Corpus("talks", [Conversation(str(i), said, str(i)) for i in range(20)])], folder, settings, counts)
    return Dataset.open(folder)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("How are you?", "how are you"),
        ("Wait. I am HERE!", "wait. i am here"),
        ("Well …", "well"),
        ("...", "..."),
        ('He said "No."', 'he said "no."'),
        ("", ""),
        ("Où es-tu ?", "où es-tu"),
    ],
)
def test_a_text_in_a_hurry(text: str, expected: str) -> None:
    assert casual_text(text) == expected


def test_only_the_other_one_is_in_a_hurry(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatbot.data.rewriting.TOGETHER", 3)
    split, tokenizer = dataset.split("train"), dataset.tokenizer()
    casual = casual_texts(split.tokens, split.offsets, tokenizer, 1.0)
    at = next(i for i in range(len(split)) if tokenizer.decode(split.target(i)) == "Why?")
    first, own, last = (tokenizer.encode(text) for text in ("hello, anna", "Hello! Who are you?", "i am bob"))
    expected = source_ids([first, own, last], [False, True, False], CONTEXT)
    assert split.source(at, CONTEXT, casual) == expected != split.source(at, CONTEXT)


def test_every_epoch_draws_others_and_the_same_again(dataset: Dataset) -> None:
    split = dataset.split("train")

    def sources(share: float, number: int) -> list[list[int]]:
        casual = casual_texts(split.tokens, split.offsets, dataset.tokenizer(), share)
        batches = Batches(split, CONTEXT, 400, 60, casual=casual)
        members = np.concatenate(batches.epoch(number, seed=5))
        batch = batches.collate(np.sort(members))
        return batch.arrays[0].tolist()

    plain, half, all_ = (sources(share, 1) for share in (0.0, 0.5, 1.0))
    assert half == sources(0.5, 1) != sources(0.5, 2)
    assert plain != half != all_
    changed = sum(one != other for one, other in zip(plain, half, strict=True))
    assert 0.2 < changed / len(plain) < 0.8


def test_a_recipe_says_how_many(dataset: Dataset) -> None:
    from chatbot.training.settings import Recipe, changed
    from chatbot.training.tasks import exchange_batches

    for share in (0.0, 1.0):
        training, validation = exchange_batches(dataset, changed(Recipe(), casual=share))
        assert isinstance(training, Batches)
        assert isinstance(validation, Batches)
        (members,) = training.epoch(0, seed=1)
        casual = casual_texts(training.split.tokens, training.split.offsets, dataset.tokenizer(), 1.0)
        heard = casual if share else None
        expected = [training.split.source(int(i), training.context, heard) for i in members]
        assert [[i for i in row if i] for row in training.collate(members).arrays[0].tolist()] == expected
        assert validation.casual is None
