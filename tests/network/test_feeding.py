"""Input feeding in training: what the decoder reads, its gradient and its dropout."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from chatbot.bundle.config import NetworkSettings

tf = pytest.importorskip("tensorflow")
pytestmark = pytest.mark.train

FED = NetworkSettings(
    vocabulary_size=23,
    embedding_size=6,
    encoder_units=5,
    decoder_units=8,
    decoder_layers=2,
    layer_norm=True,
    input_feeding=True,
)
SOURCES = np.array([[5, 9, 8, 7, 6], [5, 11, 0, 0, 0]], np.int32)
TARGETS = np.array([[6, 7, 8, 3], [9, 3, 0, 0]], np.int32)


def network(settings=FED, **values):
    from chatbot.network.seq2seq import Seq2Seq

    built = Seq2Seq(settings, seed=4, **values)
    for number, variable in enumerate(built.by_name.values()):  # no weight is left at zero
        noise = np.random.default_rng(number).normal(size=variable.shape).astype(np.float32)
        variable.assign(variable + 0.3 * noise)
    return built


def loss_and_gradients(built):
    weights = built.trainable_variables
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(built.losses(SOURCES, TARGETS)[0])
    found = tape.gradient(loss, [one.value for one in weights])
    return loss, dict(zip(built.by_name, map(tf.convert_to_tensor, found), strict=True))


def test_with_rows_of_zeros_it_is_the_network_without():
    fed, plain = network(), network(dataclasses.replace(FED, input_feeding=False))
    for name, variable in plain.by_name.items():
        given = fed.by_name[name].numpy()
        variable.assign(given[:6] if name == "decoder.0.kernel" else given)
    assert np.abs(np.asarray(fed(SOURCES, TARGETS) - plain(SOURCES, TARGETS)))[0, 1:].max() > 1e-2
    kernel = fed.by_name["decoder.0.kernel"]
    kernel.assign(np.concatenate([kernel.numpy()[:6], np.zeros((6, 32), np.float32)]))
    np.testing.assert_allclose(fed(SOURCES, TARGETS), plain(SOURCES, TARGETS), atol=1e-5)


def test_the_first_step_reads_nothing_else():
    built = network()
    before = np.asarray(built(SOURCES, TARGETS))
    kernel = built.by_name["decoder.0.kernel"]
    kernel.assign(np.concatenate([kernel.numpy()[:6], np.ones((6, 32), np.float32)]))
    after = np.asarray(built(SOURCES, TARGETS))
    np.testing.assert_array_equal(after[:, 0], before[:, 0])
    assert np.abs(after - before)[:, 1:].max(axis=-1).min() > 1e-4


@pytest.mark.parametrize("kind", ["general", "dot", "additive"])
def test_the_gradient_is_what_a_small_step_finds(kind):
    built = network(dataclasses.replace(FED, attention=kind, decoder_units=10, layer_norm=kind == "dot"))
    _, gradients = loss_and_gradients(built)
    for name, variable in built.by_name.items():
        way = np.random.default_rng(0).choice([-1e-3, 1e-3], size=variable.shape).astype(np.float32)
        held, losses = variable.numpy(), []
        for sign in (1, -1):
            variable.assign(held + sign * way)
            losses.append(float(loss_and_gradients(built)[0]))
        variable.assign(held)
        expected = float(np.sum(np.asarray(gradients[name]) * way))
        assert (losses[0] - losses[1]) / 2 == pytest.approx(expected, rel=0.05, abs=1e-4), name


def test_the_compiled_loop_gives_the_gradient_of_the_plain_one():
    from chatbot.training.tensorflow_step import scan

    _, plain = loss_and_gradients(network())
    _, compiled = tf.function(lambda built: loss_and_gradients(built), autograph=False)(network(scan=scan))
    assert plain.keys() == compiled.keys()
    for name, gradient in plain.items():
        np.testing.assert_allclose(compiled[name], gradient, atol=1e-4, err_msg=name)


def test_bfloat16_products_leave_nearly_the_same_gradient():
    _, plain = loss_and_gradients(network())
    _, rounded = loss_and_gradients(network(precision="bfloat16"))
    one, other = (np.concatenate([np.ravel(value) for value in found.values()]) for found in (plain, rounded))
    assert one @ other / np.linalg.norm(one) / np.linalg.norm(other) > 0.999


@pytest.mark.parametrize("variational", [False, True])
def test_dropout_is_drawn_for_every_step_or_for_all(variational):
    built = network(dropout=0.5, variational=variational)
    assert built._noise(TARGETS, training=False) == ()
    factors = built._noise(np.ones((40, 3), np.int32), training=True)
    assert [tuple(one.shape) for one in factors] == [(40, 3, 8), (40, 3, 6)]
    for one in map(np.asarray, factors):
        assert set(np.unique(one)) == {0.0, 2.0}
        assert (one == one[:1]).all() == variational
    still = built(SOURCES, TARGETS)
    assert np.abs(np.asarray(built(SOURCES, TARGETS, training=True) - still)).max() > 1e-2
