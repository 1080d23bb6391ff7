"""A sampled softmax: all its ids give the whole one, a few give it on average, and it goes on as it would have."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from chatbot.training.settings import TrainingSettings

SIZE = 48  # of the vocabulary
SHARES = np.log(np.random.default_rng(0).permutation(SIZE) + 1.0).astype(np.float32)
SOURCES = np.array([[7, 8, 9, 10], [6, 5, 0, 0]], dtype=np.int32)
TARGETS = np.array([[40, 7, 41, 3], [7, 3, 0, 0]], dtype=np.int32)
STEPS = """
import json, sys
import numpy as np
from chatbot.bundle.config import NetworkSettings
from chatbot.data.batches import Batch
from chatbot.network.seq2seq import Seq2Seq
from chatbot.training.settings import TrainingSettings
from chatbot.training.step import make_step
shares, *arrays = (np.array(one) for one in json.load(sys.stdin))
batch = Batch(tuple(array.astype(np.int32) for array in arrays), 6)
network = NetworkSettings(vocabulary_size=len(shares), embedding_size=8, encoder_units=6, decoder_units=10)
losses = []
for drawn in (0, 48, 4, 4):
    settings = TrainingSettings(dropout=0.0, precision="float32", sampled_softmax=drawn)
    step = make_step(Seq2Seq, network, settings, shares=shares.astype(np.float32))
    step.network.by_name["output.bias"].assign(shares)
    scored = float(step.score(batch).sum())
    losses.append([scored, *(step.train(batch, 0.01) for _ in range(4)), float(step.score(batch).sum())])
print(json.dumps(losses))
"""


def sampler(drawn: int) -> Any:
    from chatbot.training.sampled_softmax import softmax_sampler

    return softmax_sampler(TrainingSettings(sampled_softmax=drawn), SHARES)


def layer(**chosen: Any) -> Any:
    from chatbot.bundle.config import NetworkSettings
    from chatbot.network.seq2seq import Seq2Seq

    sizes = {"vocabulary_size": SIZE, "embedding_size": 8, "encoder_units": 6, "decoder_units": 10}
    return Seq2Seq(NetworkSettings(**sizes), **chosen)


@pytest.mark.train
def test_frequent_ids_and_targets_are_always_summed_over_and_others_once() -> None:
    pytest.importorskip("tensorflow")
    frequent = np.argsort(-SHARES)[: SIZE // 8]
    for step in range(20):
        ids, log_weights, places = sampler(5).columns(TARGETS, step)
        np.testing.assert_array_equal(ids[places], TARGETS)
        assert (np.diff(ids) > 0).all()
        certain = set(frequent.tolist()) | set(TARGETS.ravel().tolist())
        assert set(ids[log_weights == 0].tolist()) == certain
        assert len(ids) == len(certain) + 5
        np.testing.assert_allclose(log_weights[log_weights != 0], np.log((SIZE - len(certain)) / 5), rtol=1e-6)


@pytest.mark.train
def test_a_step_draws_anew_and_the_same_step_the_same() -> None:
    pytest.importorskip("tensorflow")
    drawn = [sampler(5).columns(TARGETS, step).ids.tolist() for step in (0, 1, 0)]
    assert drawn[0] == drawn[2] != drawn[1]
    others = [id_ for step in range(400) for id_ in sampler(5).columns(TARGETS, step).ids.tolist()]
    counts = np.bincount(others, minlength=SIZE)
    expected = 400 * 5 / (counts < 400).sum()
    assert (abs(counts[counts < 400] - expected) < 5 * np.sqrt(expected)).all()  # all equally likely


@pytest.mark.train
def test_what_softmax_divides_by_is_right_on_average() -> None:
    """Over all ways to draw two of the five ids that are neither targets nor certain."""
    pytest.importorskip("tensorflow")
    from chatbot.network.next_id import next_id_nll, sampled_next_id_losses
    from chatbot.training.sampled_softmax import placed

    generator = np.random.default_rng(1)
    features, kernel, bias = (generator.standard_normal(shape).astype(np.float32) for shape in ((4, 3), (8, 3), (8,)))
    targets, rest = np.array([1, 6, 6, 1], dtype=np.int32), (0, 2, 3, 4, 7)  # and 5 is certain
    shares = []
    for drawn in combinations(rest, 2):
        ids = np.array(sorted([1, 5, 6, *drawn]), dtype=np.int32)
        log_weights = np.where(np.isin(ids, drawn), np.log(5 / 2), 0.0).astype(np.float32)
        _, nll = sampled_next_id_losses(features, targets, placed(ids, log_weights, targets), kernel, bias)
        shares.append(np.exp(nll))  # the sum over exp(the target's logit)
    assert np.std(shares, axis=0).min() > 0.01
    np.testing.assert_allclose(np.mean(shares, axis=0), np.exp(next_id_nll(features, targets, kernel, bias)), rtol=1e-5)


@pytest.mark.train
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_where_all_ids_are_drawn_losses_and_gradients_are_those_of_the_whole_softmax(smoothing: float) -> None:
    tf = pytest.importorskip("tensorflow")
    network = layer(smoothing=smoothing)
    network.by_name["output.bias"].assign(SHARES)
    variables = [one.value for one in network.trainable_variables]

    def found(drawn: int) -> list[Any]:
        columns = sampler(drawn).columns(TARGETS, 0) if drawn else None
        with tf.GradientTape() as tape:
            losses = (
                network.losses(SOURCES, TARGETS, training=True)
                if columns is None
                else network.sampled_losses(columns, SOURCES, TARGETS)
            )
            total = tf.reduce_sum(losses[0])
        return [*losses, *(tf.convert_to_tensor(one) for one in tape.gradient(total, variables))]

    whole, all_drawn, few_drawn = found(0), found(SIZE), found(3)
    for one, other in zip(whole, all_drawn, strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-4, atol=1e-6)
    assert abs(np.asarray(whole[0]) - np.asarray(few_drawn[0])).max() > 1e-3


@pytest.mark.train
@pytest.mark.parametrize("backend", ["tensorflow", "torch"])
def test_steps_sample_and_scoring_does_not(backend: str) -> None:
    if not find_spec(backend) or not find_spec("keras"):
        pytest.skip(f"{backend} or keras is not installed")
    ended = subprocess.run(
        [sys.executable, "-c", STEPS],
        input=json.dumps([one.tolist() for one in (SHARES, SOURCES, TARGETS)]),
        env={**os.environ, "KERAS_BACKEND": backend, "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    whole, all_drawn, few_drawn, again = json.loads(ended.stdout)
    np.testing.assert_allclose(all_drawn, whole, rtol=1e-3)
    assert few_drawn == again
    assert few_drawn[0] == whole[0]
    assert abs(few_drawn[1] - whole[1]) > 1e-3
    assert few_drawn[-1] < few_drawn[0]  # it learns


@pytest.mark.train
def test_a_step_that_samples_must_know_which_ids_are_frequent() -> None:
    pytest.importorskip("tensorflow")
    from chatbot.training.sampled_softmax import softmax_sampler

    with pytest.raises(ValueError, match="which ids are frequent"):
        softmax_sampler(TrainingSettings(sampled_softmax=5), None)
    assert softmax_sampler(TrainingSettings(), None) is None
