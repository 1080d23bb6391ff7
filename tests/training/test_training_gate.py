"""A gate keeps the weights that it refuses out of the bundle, and lets the best that pass in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_train import RECIPE, Recorder

from chatbot.bundle.loading import load_bundle
from chatbot.data.dataset import Dataset
from chatbot.training.run import open_run, start_run
from chatbot.training.schedule import Budget
from chatbot.training.settings import changed
from chatbot.training.start import Start

pytest.importorskip("tensorflow")
pytestmark = pytest.mark.train


class Judge:
    """Refuses the bundles of some epochs."""

    def __init__(self, *refused: int) -> None:
        self.refused, self.asked = refused, []

    def __call__(self, bundle: Path) -> str | None:
        epoch = load_bundle(bundle).config.training["best_epoch"]
        self.asked.append(epoch)
        return f"epoch {epoch} is rude" if epoch in self.refused else None


class Watcher(Recorder):
    def __init__(self, stop_after: int | None = None) -> None:
        super().__init__(stop_after)
        self.refusals = []

    def refused(self, position, why) -> None:
        self.refusals.append((position.epoch, why))


def trained(path: Path, dataset: Path, judge: Judge, epochs: int = 2, overwrite=False):
    from chatbot.training.train import train

    opened, watcher = Dataset.open(dataset), Watcher()
    recipe = changed(RECIPE, batch_tokens=6000)
    run = start_run(path, recipe, Budget(epochs), opened, overwrite, keep_bundle=True)
    return train(opened, run, watcher, gate=judge), watcher


def test_refused_weights_leave_the_bundle_as_it_was(tmp_path: Path, sample_dataset: Path):
    judge, path = Judge(2), tmp_path / "run"
    outcome, watcher = trained(path, sample_dataset, judge)
    assert outcome.finished
    assert outcome.refused == "epoch 2 is rude"
    assert judge.asked == [1, 2, 1]  # at the end, the whole validation split is scored with those that passed
    assert watcher.refusals == [(2, "epoch 2 is rude")]
    assert load_bundle(path / "bundle").config.training["best_epoch"] == 1
    assert outcome.fingerprint == load_bundle(path / "bundle").fingerprint
    notes = [json.loads(line) for line in (path / "metrics.jsonl").read_text().splitlines()]
    assert [note.get("refused") for note in notes if "validation" in note] == [None, "epoch 2 is rude"]
    assert not (path / "candidate").exists()


@pytest.mark.slow
def test_where_all_are_refused_the_bundle_of_the_run_before_stays(tmp_path: Path, sample_dataset: Path):
    path = tmp_path / "run"
    trained(path, sample_dataset, Judge(), epochs=1)
    before = load_bundle(path / "bundle").fingerprint
    outcome, _ = trained(path, sample_dataset, Judge(1), epochs=1, overwrite=True)
    assert (outcome.finished, outcome.fingerprint, outcome.refused) == (True, None, "epoch 1 is rude")
    assert load_bundle(path / "bundle").fingerprint == before


@pytest.mark.slow
def test_later_weights_that_pass_are_let_in_and_a_resumed_run_remembers(tmp_path: Path, sample_dataset: Path):
    from chatbot.training.train import train

    path = tmp_path / "run"
    judge = Judge(1)
    first, _ = trained(path, sample_dataset, judge, epochs=1)
    assert first.refused
    assert not (path / "bundle").exists()
    run, opened = open_run(path, Dataset.open(sample_dataset)), Dataset.open(sample_dataset)
    run.budget = Budget(2)
    outcome = train(opened, run, Watcher(), Start(resume=True), gate=judge)
    assert outcome.refused == ""
    assert judge.asked == [1, 2, 2]
    assert load_bundle(path / "bundle").config.training["best_epoch"] == 2
