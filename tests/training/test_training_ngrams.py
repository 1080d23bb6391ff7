"""A training whose recipe asks for n-grams: they are counted, measured with the network, and kept in its bundles."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from chatbot.data.dataset import Dataset
from chatbot.data.filters import FilterSettings, kept_examples
from chatbot.errors import ConfigError
from chatbot.ngram.counting import counted, foreseen, said
from chatbot.ngram.settings import NgramSettings
from chatbot.training.settings import changed, load_recipe, recipe_from

SETTINGS = NgramSettings(order=3, most=4000)


class Watcher:
    """Remembers what was measured."""

    def __init__(self) -> None:
        self.measures = []

    def step(self, *told) -> None:
        pass

    def epoch(self, position, measures, better, replies) -> None:
        self.measures.append(measures)

    def scored(self, examples) -> None:
        pass


@pytest.mark.train
def test_the_bundle_holds_them_and_evaluation_finds_what_training_measured(tmp_path: Path, sample_dataset: Path):
    pytest.importorskip("tensorflow")
    from chatbot.bundle.loading import load_bundle
    from chatbot.data.context import ContextSettings
    from chatbot.dialogue.model import Model
    from chatbot.evaluation.exchanges import dataset_exchanges
    from chatbot.evaluation.likelihood import score_replies
    from chatbot.training.run import start_run
    from chatbot.training.schedule import Budget
    from chatbot.training.train import train

    sizes = {"embedding_size": 16, "encoder_units": 8, "decoder_units": 16, "precision": "float32"}
    recipe = changed(load_recipe("tiny"), **sizes, order=SETTINGS.order, most=SETTINGS.most)
    dataset, watcher = Dataset.open(sample_dataset), Watcher()
    run = start_run(tmp_path / "run", recipe, Budget(2), dataset, False)
    outcome = train(dataset, run, watcher)
    measures = outcome.measures
    assert measures is not None
    assert measures.bits_per_byte < measures.network_bits_per_byte
    assert "without its n-grams" in measures.summary
    bundle = load_bundle(run.bundle)
    assert bundle.config.ngram is not None
    assert bundle.config.ngram.share == measures.ngram_share
    assert sum(bundle.config.ngram.types[1:]) == SETTINGS.most
    assert [load_bundle(one).config.ngram is not None for one in sorted(run.epochs.iterdir())] == [True, True]

    model = Model.load(str(run.bundle))
    context = ContextSettings(turns=recipe.context.turns, max_source_length=recipe.context.max_source_length)
    exchanges = dataset_exchanges(sample_dataset, "validation", model.tokenizer, context, None, 0)
    nats = score_replies(model.stepper.score, exchanges.sources, exchanges.targets).sum()
    found = nats / np.log(2) / exchanges.reply_bytes.sum()
    assert found == pytest.approx(measures.bits_per_byte, rel=1e-4)


def test_all_that_is_said_is_counted(sample_dataset: Path):
    dataset = Dataset.open(sample_dataset)
    split = dataset.split("train")
    table = counted(dataset, NgramSettings(order=1, most=1), FilterSettings())
    assert table is not None
    assert set(np.unique(split.tokens)) <= set(table.stored[0].ids.tolist())
    assert counted(dataset, NgramSettings(), FilterSettings()) is None


def test_replies_that_the_filter_leaves_out_are_not_counted(sample_dataset: Path):
    dataset, left_out = Dataset.open(sample_dataset), FilterSettings(min_reply=6)
    split = dataset.split("train")
    dropped = split.target_lengths()[kept_examples(split, left_out).examples == 0]
    assert len(dropped)
    assert len(said(dataset)) - len(said(dataset, left_out)) == (dropped + 2).sum()


def test_padded_targets_are_foreseen_row_after_row(sample_dataset: Path):
    table = counted(Dataset.open(sample_dataset), SETTINGS, FilterSettings())
    assert table is not None
    rows = np.array([[20, 21, 3, 0, 0], [30, 3, 0, 0, 0], [40, 41, 42, 43, 3]])
    each = [foreseen(table, row[None]) for row in rows]
    assert [len(one) for one in each] == [3, 2, 5]
    assert np.array_equal(foreseen(table, rows), np.concatenate(each))


def test_a_task_that_has_none_is_one_line():
    with pytest.raises(ConfigError, match=r"x\.toml: ngram: a model for generation has none beside its network"):
        recipe_from({"task": "generation", "ngram": {"order": 3}}, "x.toml")
    with pytest.raises(ConfigError, match=r"x\.toml: ngram: order must be an integer from 0 to 8"):
        recipe_from({"ngram": {"order": 9}}, "x.toml")
    assert recipe_from({"ngram": {"order": 4}}, "x.toml").ngram == NgramSettings(4)
