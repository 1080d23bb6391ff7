"""Texts cut anew for each epoch: they say the same, by the seed alone, and validation is left as it is."""

from __future__ import annotations

import io
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sentencepiece
from cornell_files import line_rows, write_files

from chatbot.corpus.cornell import read_cornell
from chatbot.corpus.counts import Counts
from chatbot.data.batches import Batches
from chatbot.data.context import ContextSettings
from chatbot.data.dataset import Dataset, Split
from chatbot.data.prepare import Corpus, prepare
from chatbot.data.resegmenting import Resegmented, cut_anew, cuts, sampler_of
from chatbot.data.settings import PrepareSettings
from chatbot.errors import ConfigError, VocabularyError
from chatbot.text.sentencepiece_tokenizer import SentencePieceTokenizer, train_sentencepiece
from chatbot.text.special import SPECIAL_PIECES
from chatbot.text.word_tokenizer import train_words

TEXTS = [row[4] for row in line_rows()] * 5
CONTEXT = ContextSettings()


def library_model(kind: str) -> SentencePieceTokenizer:
    """A model of a kind that the project does not train itself."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(TEXTS),
        model_writer=model,
        model_type=kind,
        vocab_size=400,
        hard_vocab_limit=False,
        byte_fallback=kind == "bpe",
        normalization_rule_name="identity",
        **{f"{name}_id": number for number, name in enumerate(("pad", "unk", "bos", "eos"))},
        **{f"{name}_piece": SPECIAL_PIECES[number] for number, name in enumerate(("pad", "unk", "bos", "eos"))},
        control_symbols=list(SPECIAL_PIECES[4:]),
        minloglevel=2,
    )
    return SentencePieceTokenizer(model.getvalue())


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    raw, folder = tmp_path_factory.mktemp("raw"), tmp_path_factory.mktemp("data")
    write_files(raw)
    counts = Counts()
    prepare([Corpus("films", read_cornell(raw, counts))], folder, PrepareSettings(vocabulary_size=400), counts)
    return Dataset.open(folder)


def texts_of(split: Split, tokenizer: SentencePieceTokenizer) -> list[str]:
    return [tokenizer.decode(split.tokens[start:end]) for start, end in pairwise(split.offsets.tolist())]


@pytest.mark.parametrize("make", [lambda: train_sentencepiece(TEXTS, 400), lambda: library_model("bpe")])
def test_drawn_pieces_say_the_same_text_and_more_dropout_makes_more_of_them(make: Any) -> None:
    tokenizer = make()
    counts = [sum(map(len, map(tokenizer.encode, TEXTS)))]
    for dropout in (0.05, 0.1, 0.3):
        rows = tokenizer.sample(TEXTS, dropout, seed=7)
        assert [tokenizer.decode(row) for row in rows] == TEXTS
        assert rows == tokenizer.sample(TEXTS, dropout, seed=7)
        assert rows != tokenizer.sample(TEXTS, dropout, seed=8)
        counts.append(sum(map(len, rows)))
    assert counts == sorted(set(counts))


def test_what_knows_one_way_only_says_so() -> None:
    with pytest.raises(VocabularyError, match=r"^tokenizer\.model: cuts a text in one way only; set "):
        library_model("word").sample(TEXTS, 0.1, seed=1)
    with pytest.raises(ConfigError, match=r"^training\.subword_dropout: needs a sentencepiece tokenizer, .* word; set"):
        sampler_of(train_words(TEXTS, 50))


def test_a_split_cut_anew_holds_the_same_examples(dataset: Dataset) -> None:
    split, tokenizer = dataset.split("train"), sampler_of(dataset.tokenizer())
    before = split.tokens.tolist()
    drawn = cut_anew(split, cuts(split, tokenizer, 0.1, seed=3))
    assert texts_of(drawn, tokenizer) == texts_of(split, tokenizer)
    assert drawn.tokens.tolist() != before == split.tokens.tolist()
    assert drawn.tokens.dtype == split.tokens.dtype
    np.testing.assert_array_equal(drawn.examples, split.examples)
    lengths = [len(drawn.source(i, CONTEXT)) for i in range(len(drawn))]
    np.testing.assert_array_equal(drawn.source_lengths(CONTEXT), lengths)


def test_chunks_draw_differently(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatbot.data.rewriting.TOGETHER", 3)
    split, tokenizer = dataset.split("train"), sampler_of(dataset.tokenizer())
    drawn = cut_anew(split, cuts(split, tokenizer, 0.1, seed=3))
    assert texts_of(drawn, tokenizer) == texts_of(split, tokenizer)


def test_an_epoch_depends_on_seed_and_number_alone(dataset: Dataset) -> None:
    def batches() -> Resegmented[Split]:
        tokenizer = sampler_of(dataset.tokenizer())
        return Resegmented(dataset.split("train"), tokenizer, 0.1, lambda split: Batches(split, CONTEXT, 400, 60))

    def learned(made: Resegmented[Split], number: int, seed: int = 5) -> list[list[int]]:
        return [array.tolist() for members in made.epoch(number, seed) for array in made.collate(members).arrays]

    straight, resumed = batches(), batches()
    epochs = [learned(straight, number) for number in range(3)]
    assert learned(resumed, 2) == epochs[2] != learned(resumed, 2, seed=6)
    assert learned(resumed, 0) == epochs[0] != epochs[1]


def test_the_settings_check_comes_before_anything_is_written(dataset: Dataset, tmp_path: Path) -> None:
    from chatbot.training.run import start_run
    from chatbot.training.schedule import Budget
    from chatbot.training.settings import Recipe, changed

    raw, folder = tmp_path / "raw", tmp_path / "data"
    raw.mkdir()
    folder.mkdir()
    write_files(raw)
    counts = Counts()
    settings = PrepareSettings(vocabulary_size=400, tokenizer="word", minimum_count=1)
    prepare([Corpus("films", read_cornell(raw, counts))], folder, settings, counts)
    recipe = changed(Recipe(), subword_dropout=0.1)
    with pytest.raises(ConfigError, match="subword_dropout"):
        start_run(tmp_path / "run", recipe, Budget(1), Dataset.open(folder), False)
    assert not (tmp_path / "run").exists()
