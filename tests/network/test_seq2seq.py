"""The network that is trained: masks matter, and NumPy computes the same from the same weights."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from chatbot.bundle.config import NetworkSettings
from chatbot.bundle.schema import weight_shapes

pytest.importorskip("tensorflow")
pytestmark = pytest.mark.train

SMALL = NetworkSettings(vocabulary_size=23, embedding_size=6, encoder_units=5, decoder_units=10, attention_units=7)
VARIANTS = [
    {"attention": "general"},
    {"attention": "dot"},
    {"attention": "additive"},
    {"layer_norm": True},
    *({"attention": kind, "input_feeding": True} for kind in ("general", "dot", "additive")),
    {"input_feeding": True, "layer_norm": True, "decoder_layers": 3, "tied": False, "decoder_units": 8},
    {"attention": "general", "encoder_layers": 2, "decoder_layers": 3, "tied": False, "decoder_units": 8},
]
SOURCES = [[5, 9, 8, 7, 6], [5, 11], [4, 21, 22, 10, 12, 13, 14]]
TARGETS = [[6, 7, 8, 3], [9, 3], [20, 21, 6, 7, 8, 9, 3]]


def network(**values):
    from chatbot.network.seq2seq import Seq2Seq

    built = Seq2Seq(dataclasses.replace(SMALL, **values), seed=4)
    for number, variable in enumerate(built.by_name.values()):  # no weight is left at zero, and attention is sharp
        noise = np.random.default_rng(number).normal(size=variable.shape).astype(np.float32)
        variable.assign(variable + 0.5 * noise)
    return built


def log_probs(built, sources, targets, extra=0):
    from keras import ops

    from chatbot.data.padding import padded

    widen = lambda rows: np.pad(padded(rows), ((0, 0), (0, extra)))  # noqa: E731
    return np.asarray(ops.log_softmax(built(widen(sources), widen(targets)), axis=-1))


@pytest.mark.parametrize("values", VARIANTS, ids=str)
def test_padding_changes_no_log_probability(values):
    built = network(**values)
    together = log_probs(built, SOURCES, TARGETS, extra=6)
    for row, (source, target) in enumerate(zip(SOURCES, TARGETS, strict=True)):
        alone = log_probs(built, [source], [target])[0]
        np.testing.assert_allclose(together[row, : len(target)], alone, atol=1e-5)


def test_without_masks_padding_would_matter():
    from keras import ops

    built = network()
    blind = np.array([[5, 11, 1, 1, 1]])  # the same source filled up with a real id
    exact = log_probs(built, [[5, 11]], [[9, 3]])[0]
    other = np.asarray(ops.log_softmax(built(blind, np.array([[9, 3]])), axis=-1))[0]
    assert np.abs(exact - other).max() > 1e-3


@pytest.mark.parametrize("values", VARIANTS, ids=str)
def test_numpy_gives_the_same_log_probabilities_at_every_step(values):
    from chatbot.inference.seq2seq import Seq2SeqStepper

    built = network(**values)
    expected = log_probs(built, SOURCES, TARGETS)
    stepper = Seq2SeqStepper(built.export(), built.network)
    state = stepper.start(SOURCES)
    previous = np.full(len(SOURCES), 2)
    for step in range(max(map(len, TARGETS))):
        found, state = stepper.step(previous, state)
        for row, target in enumerate(TARGETS):
            if step < len(target):
                np.testing.assert_allclose(found[row], expected[row, step], atol=1e-4)
        previous = np.array([target[min(step, len(target) - 1)] for target in TARGETS])


def test_weights_have_the_names_and_shapes_of_the_schema():
    built = network(attention="additive", decoder_layers=2, layer_norm=True, input_feeding=True)
    assert {name: tuple(value.shape) for name, value in built.export().items()} == weight_shapes(built.network)


def test_dropout_acts_in_training_only():
    from chatbot.network.seq2seq import Seq2Seq

    built = Seq2Seq(SMALL, dropout=0.5)
    ids = np.array([[5, 6, 7]])
    still = np.asarray(built(ids, ids))
    np.testing.assert_array_equal(still, np.asarray(built(ids, ids)))
    assert np.abs(still - np.asarray(built(ids, ids, training=True))).max() > 1e-4
