"""A whole training on the sample corpus: it learns, stops, resumes to the bit, and its bundle says what it said."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from toy_bundle import toy_config

from chatbot.bundle.card import render_card
from chatbot.data.dataset import Dataset
from chatbot.errors import CheckpointError
from chatbot.training.run import open_run, start_run
from chatbot.training.schedule import Budget
from chatbot.training.settings import changed, load_recipe
from chatbot.training.start import Start

pytest.importorskip("tensorflow")
pytestmark = pytest.mark.train

RECIPE = changed(
    load_recipe("tiny"),
    embedding_size=16,
    encoder_units=8,
    decoder_units=16,
    dropout=0.2,
    precision="float32",
    batch_tokens=3000,
    checkpoint_seconds=3600,
)
RESUMED = Start(resume=True)


class Recorder:
    """A watcher that remembers, and may ask to stop after some steps."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.stop_after, self.steps, self.epochs, self.examples = stop_after, 0, [], 0

    def step(self, position, plan, loss, tokens_per_second, progress) -> None:
        self.steps += 1

    def epoch(self, position, measures, better, replies) -> None:
        self.epochs.append((measures, better, replies))

    def scored(self, examples) -> None:
        self.examples += examples

    def stopping(self) -> bool:
        return self.stop_after is not None and self.steps >= self.stop_after


def run_training(path: Path, dataset: Path, stops: list[int | None], epochs: int = 2, recipe=RECIPE):
    """Train with one process' worth of work for each stop; the last outcome and all watchers."""
    from chatbot.training.train import train

    watchers = []
    for number, stop in enumerate(stops):
        opened = Dataset.open(dataset)
        run = open_run(path, opened) if number else start_run(path, recipe, Budget(epochs), opened, False)
        watchers.append(Recorder(stop))
        outcome = train(opened, run, watchers[-1], Start(resume=number > 0), stopping=watchers[-1].stopping)
    return outcome, watchers


def final_weights(run: Path) -> dict[str, np.ndarray]:
    from chatbot.training.checkpoints import Checkpoints

    return Checkpoints(run).load_newest()[1]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, sample_dataset: Path):
    """One training without a stop."""
    path = tmp_path_factory.mktemp("runs") / "straight"
    outcome, (watcher,) = run_training(path, sample_dataset, [None])
    return path, outcome, watcher


def test_it_learns_and_leaves_a_bundle_a_record_and_a_picture(finished):
    path, outcome, watcher = finished
    first, last = watcher.epochs[0][0], watcher.epochs[-1][0]
    assert outcome.finished
    assert last.bits_per_byte < first.bits_per_byte
    assert watcher.examples == outcome.measures.examples
    assert outcome.measures.bits_per_byte == pytest.approx(last.bits_per_byte, rel=1e-5)
    notes = [json.loads(line) for line in (path / "metrics.jsonl").read_text().splitlines()]
    notes = [note for note in notes if "validation" in note]
    assert [note["epoch"] for note in notes] == [1, 2]
    assert (path / "learning-curve.png").read_bytes().startswith(b"\x89PNG")
    assert (path / "bundle" / "config.json").is_file()


def test_each_epoch_leaves_a_small_bundle_of_its_own(finished):
    from chatbot.bundle.loading import load_bundle

    path, _, watcher = finished
    kept = [load_bundle(folder) for folder in sorted((path / "epochs").iterdir())]
    assert [one.config.name for one in kept] == ["epoch-00001", "epoch-00002"]
    assert {one.config.weights_dtype for one in kept} == {"int8"}
    assert [one.config.training["validation"]["bits_per_byte"] for one in kept] == [
        epoch[0].bits_per_byte for epoch in watcher.epochs
    ]


@pytest.mark.parametrize(("wanted", "left"), [(0, []), (2, ["epoch-00002", "epoch-00003"])])
def test_only_the_latest_epochs_are_kept(tmp_path: Path, sample_dataset: Path, wanted: int, left: list[str]):
    from dataclasses import replace

    from chatbot.bundle.schema import weight_shapes
    from chatbot.training.export import Exporter

    dataset = Dataset.open(sample_dataset)
    recipe = changed(RECIPE, epoch_bundles=wanted)
    run = start_run(tmp_path / "run", recipe, Budget(3), dataset, False)
    network = replace(recipe.network, vocabulary_size=dataset.tokenizer().size)
    weights = {name: np.zeros(shape, np.float32) for name, shape in weight_shapes(network).items()}
    exporter = Exporter(run, dataset, network, probe=None)  # type: ignore[arg-type]
    for epoch in (1, 2, 3):
        exporter.keep_epoch(weights, {"epochs": epoch, "validation": {}})
    assert sorted(folder.name for folder in (run.path / "epochs").glob("*")) == left


def test_stopped_and_resumed_it_ends_at_the_same_bits(finished, tmp_path: Path, sample_dataset: Path):
    """Also after kill -9: work after the last checkpoint, of which the record tells, is made again."""
    straight, _, watcher = finished
    broken = tmp_path / "broken"
    _, (first,) = run_training(broken, sample_dataset, [2])
    opened = Dataset.open(sample_dataset)
    run, second = open_run(broken, opened), Recorder()
    run.note(step=10**6, epoch=1)
    from chatbot.training.train import train

    assert train(opened, run, second, RESUMED).finished
    assert first.steps + second.steps == watcher.steps
    expected, found = final_weights(straight), final_weights(broken)
    assert expected.keys() == found.keys()
    for name, array in expected.items():
        np.testing.assert_array_equal(found[name], array, err_msg=name)
    assert [note["epoch"] for note in run.notes()] == [1, 2]


def test_a_sampled_softmax_goes_on_at_the_same_bits_too(finished, tmp_path: Path, sample_dataset: Path):
    recipe = changed(RECIPE, sampled_softmax=40)
    (one, _), (other, watchers) = (
        run_training(tmp_path / name, sample_dataset, stops, recipe=recipe)
        for name, stops in (("straight", [None]), ("broken", [2, 3, None]))
    )
    assert one.measures == other.measures
    assert watchers[1].steps == 3
    expected, found = final_weights(tmp_path / "straight"), final_weights(tmp_path / "broken")
    for name, array in expected.items():
        np.testing.assert_array_equal(found[name], array, err_msg=name)
    whole = finished[1].measures.bits_per_byte
    assert one.measures.bits_per_byte != whole
    assert one.measures.bits_per_byte == pytest.approx(whole, rel=0.05)


def test_a_warm_start_begins_where_the_other_run_ended(finished, tmp_path: Path, sample_dataset: Path):
    from chatbot.bundle.loading import load_bundle
    from chatbot.training.train import train

    straight, before, _ = finished
    opened = Dataset.open(sample_dataset)
    start = load_bundle(straight / "bundle")
    run = start_run(tmp_path / "warm", changed(RECIPE, openers=True), Budget(1), opened, False, start.fingerprint)
    outcome = train(opened, run, Recorder(), Start(bundle=start))
    assert outcome.measures.bits_per_byte < before.measures.bits_per_byte
    assert open_run(run.path, opened).warm_start == start.fingerprint
    (first, *_) = run.notes()
    assert (first["warm_start"], first["rows_kept"]) == (start.fingerprint, first["rows"])


def test_what_was_learned_from_is_told_with_its_licences():
    sea, hills = {"name": "sea", "weight": 1.0, "licence": "CC0"}, {"name": "hills", "weight": 0.5, "licence": ""}
    from chatbot.training.train import from_corpora

    both = {"corpora": {"sea": 1.0, "hills": 0.5}, "licence": "sea: CC0; hills: not stated"}
    assert from_corpora([]) == {"licence": ""}
    assert from_corpora([sea]) == {"licence": "CC0"}
    assert from_corpora([sea, hills]) == both
    assert from_corpora([sea, {**hills, "licence": "CC0"}])["licence"] == "CC0"
    assert from_corpora([{**sea, "name": name} for name in ("train", "test")]) == {"licence": "CC0"}
    card = render_card(toy_config(training=both))
    assert "| corpora: hills | 0.5 |" in card
    assert "sea: CC0; hills: not stated" in card


def test_openers_are_examples_that_answer_an_empty_turn(sample_dataset: Path):
    from chatbot.data.batches import Batches
    from chatbot.data.context import ContextSettings
    from chatbot.text.special import EOS_ID, OTHER_ID

    split = Dataset.open(sample_dataset).split("train")
    batches = Batches(split, ContextSettings(), 500, 60, openers=True)
    members = np.sort(np.concatenate(batches.epoch(0, seed=1)))
    np.testing.assert_array_equal(members, np.arange(len(split) + len(split.openers())))
    batch = batches.collate(members[-1:])
    last = split.openers()[-1]
    spoken = split.tokens[split.offsets[last] : split.offsets[last + 1]].tolist()
    source_ids, target_ids = batch.arrays
    assert source_ids.tolist() == [[OTHER_ID]]
    assert target_ids.tolist() == [[*spoken, EOS_ID][:60]]
    assert not np.isin(split.openers(), split.examples[:, 1]).any()


SCORE = """
import sys, json
from pathlib import Path
import numpy as np
from chatbot.bundle.loading import load_bundle
from chatbot.inference.seq2seq import Seq2SeqStepper
from chatbot.inference.golden import check_golden
bundle = load_bundle(Path(sys.argv[1]))
stepper = Seq2SeqStepper(bundle.weights, bundle.config.network)
check_golden(stepper, bundle.config)
sources, targets = json.load(sys.stdin)
rows = [list(map(float, row)) for row in stepper.score(sources, targets)]
assert not {"tensorflow", "keras"} & set(sys.modules)
print(json.dumps([rows, len(bundle.config.golden)]))
"""


@pytest.mark.parametrize("dtype", ["float32", "int8"])
def test_a_fresh_process_scores_as_the_trainer_did(finished, dtype: str, tmp_path: Path, sample_dataset: Path):
    from keras import ops

    from chatbot.bundle.loading import load_bundle
    from chatbot.data.padding import padded
    from chatbot.network.seq2seq import Seq2Seq

    path, _, _ = finished
    if dtype != RECIPE.training.weights:
        path = tmp_path / "run"
        run_training(path, sample_dataset, [None], epochs=1, recipe=changed(RECIPE, weights=dtype, batch_tokens=6000))
    split = Dataset.open(sample_dataset).split("validation")
    bundle = load_bundle(path / "bundle")
    sources = [split.source(i, bundle.config.context) for i in range(12)]
    targets = [split.target(i).tolist() for i in range(12)]
    child = subprocess.run(
        [sys.executable, "-c", SCORE, str(path / "bundle")],
        input=json.dumps([sources, targets]),
        capture_output=True,
        text=True,
        check=True,
    )
    rows, golden = json.loads(child.stdout)
    assert golden >= 1

    trained = Seq2Seq(bundle.config.network)
    for name, variable in trained.by_name.items():
        variable.assign(bundle.weights[name])
    if dtype == "float32":  # the stored weights are the trainer's own
        from chatbot.training.checkpoints import Checkpoints

        best = Checkpoints(path).load_best()
        for name, array in best.items():
            np.testing.assert_array_equal(bundle.weights[name], array)
    closed = [[*target, 3] for target in targets]
    expected = np.asarray(ops.log_softmax(trained(padded(sources), padded(closed)), axis=-1))
    for row, target in enumerate(closed):
        own = expected[row, np.arange(len(target)), target]
        np.testing.assert_allclose(rows[row], own, atol=1e-4)


def test_resumed_before_its_first_checkpoint_it_begins(tmp_path: Path, sample_dataset: Path):
    opened = Dataset.open(sample_dataset)
    start_run(tmp_path / "run", RECIPE, Budget(1), opened, False)
    from chatbot.training.train import train

    watcher = Recorder(1)
    run = open_run(tmp_path / "run", opened)
    assert not train(opened, run, watcher, RESUMED, stopping=watcher.stopping).finished
    assert run.checkpoints.load_newest()[0].step == 1


def test_the_precision_is_chosen_once(tmp_path: Path, sample_dataset: Path):
    from chatbot.training.train import train

    opened, watcher = Dataset.open(sample_dataset), Recorder(0)
    run = start_run(tmp_path / "run", changed(RECIPE, precision="auto"), Budget(1), opened, False)
    train(opened, run, watcher, stopping=watcher.stopping)
    assert open_run(tmp_path / "run", opened).recipe.training.precision in ("float32", "bfloat16")


def test_another_dataset_is_refused_on_resume(finished, tmp_path: Path, sample_dataset: Path):
    import shutil

    path, _, _ = finished
    other = tmp_path / "other"
    shutil.copytree(sample_dataset, other)
    info = other / "dataset.json"
    info.write_text(info.read_text().replace('"split_hash": "', '"split_hash": "0'))
    with pytest.raises(CheckpointError, match="began on another dataset"):
        open_run(path, Dataset.open(other))


def test_a_run_is_not_overwritten_unasked(finished, sample_dataset: Path):
    path, _, _ = finished
    with pytest.raises(CheckpointError, match="go on with --resume or replace it with --overwrite"):
        start_run(path, RECIPE, Budget(1), Dataset.open(sample_dataset), overwrite=False)


def test_a_folder_that_is_no_run_is_never_replaced(tmp_path: Path, sample_dataset: Path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(CheckpointError, match="is no training run"):
        start_run(tmp_path, RECIPE, Budget(1), Dataset.open(sample_dataset), overwrite=True)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_a_loss_that_is_no_number_stops_and_keeps_the_best(tmp_path: Path, sample_dataset: Path):
    from chatbot.training.tensorflow_step import TensorFlowStep

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TensorFlowStep, "train", lambda *_: float("nan"))
        with pytest.raises(CheckpointError, match=r"the loss became nan at step 0; .* Lower training.learning_rate"):
            run_training(tmp_path / "run", sample_dataset, [None])
    assert not list((tmp_path / "run").rglob("step-*.safetensors"))
