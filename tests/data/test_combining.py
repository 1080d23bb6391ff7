"""Several corpora in one dataset: shares, weights, and splits that stay what they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from small_corpus import write_corpus

from chatbot.corpus.counts import Counts, silent
from chatbot.data.batches import Batches
from chatbot.data.combining import combined
from chatbot.data.context import ContextSettings
from chatbot.data.dataset import Dataset
from chatbot.data.prepare import prepare
from chatbot.data.settings import PrepareSettings
from chatbot.errors import CorpusError

SETTINGS = PrepareSettings(vocabulary_size=330, minimum_count=1)


def made(folder: Path, *sources: Path, weights: tuple[float, ...] = ()) -> Dataset:
    folder.mkdir()
    counts = Counts()
    prepare(combined(sources, (), weights, (), "", counts, silent), folder, SETTINGS, counts)
    return Dataset.open(folder)


def few(folder: Path, count: int = 12) -> Path:
    folder.mkdir()
    (folder / "pairs.tsv").write_text("".join(f"Is it {i} now?\tNo, later than {i}.\n" for i in range(count)))
    return folder


def test_each_corpus_keeps_its_split_whatever_it_is_combined_with(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus")
    alone = made(tmp_path / "alone", corpus)
    both = made(tmp_path / "both", corpus, few(tmp_path / "few"), weights=(1.0, 2.5))
    for name in ("train", "validation", "test"):
        sources = both.info["splits"][name]["sources"]
        kept = [one.removeprefix("cornell/") for one in sources if one.startswith("cornell/")]
        assert sorted(kept) == sorted(alone.info["splits"][name]["sources"])
        shares = both.info["splits"][name]["corpora"]
        assert [one["name"] for one in shares] == ["cornell", "tsv"]
        assert shares[0]["examples"] == len(alone.split(name))
        assert sum(one["examples"] for one in shares) == len(both.split(name))
    assert [one["weight"] for one in both.info["corpora"]] == [1.0, 2.5]


def test_a_handful_of_sources_goes_to_train(tmp_path: Path) -> None:
    corpus, little = write_corpus(tmp_path / "corpus"), few(tmp_path / "few", 2)
    for place, sources in enumerate([(little, corpus), (corpus, little)]):
        both = made(tmp_path / f"both-{place}", *sources)
        assert [both.info["splits"][name]["corpora"][place]["examples"] for name in ("train", "validation")] == [2, 0]


def test_corpora_that_are_all_too_little_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="the corpus has 2 different movies or other sources; expected at least 3"):
        made(tmp_path / "both", few(tmp_path / "few", 2), few(tmp_path / "fewer", 1))


def test_an_epoch_draws_by_weight(tmp_path: Path) -> None:
    dataset = made(tmp_path / "both", write_corpus(tmp_path / "corpus"), few(tmp_path / "few"), weights=(0.5, 2.0))
    split = dataset.split("train")
    first, second = (one["examples"] for one in dataset.info["splits"]["train"]["corpora"])
    batches = Batches(split, ContextSettings(), 500, 60, weights=dataset.weights("train", "examples"))
    drawn = np.concatenate(batches.epoch(0, seed=1))
    counts = np.bincount(drawn, minlength=len(split))
    assert set(counts[:first].tolist()) == {0, 1}
    assert abs(counts[:first].sum() - first / 2) < first / 4
    assert counts[first:].tolist() == [2] * second
    again = np.concatenate(batches.epoch(1, seed=1))
    assert set(drawn.tolist()) != set(again.tolist())
