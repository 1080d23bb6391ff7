"""The hand-written gradient of the LSTM against automatic differentiation."""

from __future__ import annotations

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow")
pytestmark = pytest.mark.train

TIME, BATCH, INPUTS, UNITS = 5, 3, 6, 4


def plain(inputs, mask, kernel, recurrent, bias, hidden, cell):
    hiddens, cells = [], []
    for step in range(TIME):
        i, f, g, o = tf.split(inputs[step] @ kernel + hidden @ recurrent + bias, 4, axis=-1)
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
    shapes = (
        (TIME, BATCH, INPUTS),
        (INPUTS, 4 * UNITS),
        (UNITS, 4 * UNITS),
        (4 * UNITS,),
        (BATCH, UNITS),
        (BATCH, UNITS),
    )
    return [draw(*shape) for shape in shapes], tf.constant(mask), draw(TIME, BATCH, UNITS), draw(TIME, BATCH, UNITS)


def gradients(function, masked=True):
    given, mask, up_hidden, up_cell = arrays()
    with tf.GradientTape() as tape:
        tape.watch(given)
        inputs, *others = given
        hiddens, cells = function(inputs, mask if masked else tf.ones_like(mask), *others)
        loss = tf.reduce_sum(hiddens * up_hidden) + tf.reduce_sum(cells * up_cell)
    return [hiddens, cells, *tape.gradient(loss, given)]


def recurred(precision, scan, masked=True):
    from chatbot.network.recurrence import Lstm, recur

    def function(inputs, mask, kernel, recurrent, bias, *start):
        return recur(inputs, mask if masked else None, Lstm(kernel, recurrent, bias), start, precision, scan)

    return function


@pytest.mark.parametrize("masked", [True, False])
@pytest.mark.parametrize("loop", ["keras", "tensorflow"])
def test_states_and_gradients_equal_those_of_automatic_differentiation(loop, masked):
    from keras import ops

    from chatbot.training.tensorflow_step import scan

    chosen = ops.scan if loop == "keras" else scan

    @tf.function
    def ours():
        return gradients(recurred("float32", chosen, masked), masked)

    for expected, found in zip(gradients(plain, masked), ours(), strict=True):
        np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=1e-4, atol=1e-5)


def test_bfloat16_products_stay_near():
    from keras import ops

    exact = gradients(plain)
    rounded = gradients(recurred("bfloat16", ops.scan))
    for expected, found in zip(exact, rounded, strict=True):
        assert not np.array_equal(found.numpy(), expected.numpy())
        np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=0.1, atol=0.15)
