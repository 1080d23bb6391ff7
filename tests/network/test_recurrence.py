"""The hand-written gradient of the LSTM against automatic differentiation."""

from __future__ import annotations

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow")
pytestmark = pytest.mark.train

TIME, BATCH, UNITS = 5, 3, 4


def plain(projections, mask, kernel, hidden, cell):
    hiddens, cells = [], []
    for step in range(TIME):
        i, f, g, o = tf.split(projections[step] + hidden @ kernel, 4, axis=-1)
        new_cell = tf.sigmoid(f) * cell + tf.sigmoid(i) * tf.tanh(g)
        new_hidden = tf.sigmoid(o) * tf.tanh(new_cell)
        hidden = mask[step] * new_hidden + (1 - mask[step]) * hidden
        cell = mask[step] * new_cell + (1 - mask[step]) * cell
        hiddens.append(hidden)
        cells.append(cell)
    return tf.stack(hiddens), tf.stack(cells)


def arrays():
    generator = np.random.default_rng(3)
    draw = lambda *shape: tf.constant(generator.normal(size=shape).astype(np.float32))  # noqa: E731
    mask = np.ones((TIME, BATCH, 1), np.float32)
    mask[3:, 1] = 0
    mask[1:, 2] = 0
    return (
        draw(TIME, BATCH, 4 * UNITS),
        tf.constant(mask),
        draw(UNITS, 4 * UNITS),
        draw(BATCH, UNITS),
        draw(BATCH, UNITS),
        draw(TIME, BATCH, UNITS),
        draw(TIME, BATCH, UNITS),
    )


def gradients(function):
    projections, mask, kernel, hidden, cell, up_hidden, up_cell = arrays()
    with tf.GradientTape() as tape:
        tape.watch([projections, kernel, hidden, cell])
        hiddens, cells = function(projections, mask, kernel, hidden, cell)
        loss = tf.reduce_sum(hiddens * up_hidden) + tf.reduce_sum(cells * up_cell)
    return [hiddens, cells, *tape.gradient(loss, [projections, kernel, hidden, cell])]


@pytest.mark.parametrize("loop", ["keras", "tensorflow"])
def test_states_and_gradients_equal_those_of_automatic_differentiation(loop):
    from keras import ops

    from chatbot.network.recurrence import recur
    from chatbot.training.tensorflow_step import scan

    chosen = ops.scan if loop == "keras" else scan

    @tf.function
    def ours():
        return gradients(lambda p, m, k, h, c: recur(p, m, k, (h, c), "float32", chosen))

    for expected, found in zip(gradients(plain), ours(), strict=True):
        np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=1e-4, atol=1e-5)


def test_bfloat16_products_stay_near():
    from keras import ops

    from chatbot.network.recurrence import recur

    exact = gradients(plain)
    rounded = gradients(lambda p, m, k, h, c: recur(p, m, k, (h, c), "bfloat16", ops.scan))
    for expected, found in zip(exact, rounded, strict=True):
        assert not np.array_equal(found.numpy(), expected.numpy())
        np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=0.1, atol=0.15)
