"""A row's log-probabilities do not depend on its neighbours: to the last bit where the processor has AVX-512."""

from __future__ import annotations

import numpy as np

from chatbot.dialogue.model import Model
from chatbot.inference.product import SMALL_PRODUCTS
from chatbot.inference.seq2seq import Dense


def test_alone_a_row_comes_to_what_it_comes_to_among_others() -> None:
    stepper, random = Model.load("cornell").stepper, np.random.default_rng(0)
    sources = [random.integers(6, stepper.vocabulary_size, n).tolist() for n in random.integers(1, 60, 40)]
    previous = random.integers(6, stepper.vocabulary_size, len(sources))
    together, state = stepper.step(previous, stepper.start(sources))
    together, state = stepper.step(previous[::-1].copy(), state)
    for row, source in enumerate(sources):
        alone, own = stepper.step(previous[row : row + 1], stepper.start([source]))
        alone, own = stepper.step(previous[::-1][row : row + 1].copy(), own)
        if SMALL_PRODUCTS:
            np.testing.assert_array_equal(alone[0], together[row])
        else:
            np.testing.assert_allclose(alone[0], together[row], atol=1e-4)
        assert own.attention.shape == (1, len(source))
        np.testing.assert_allclose(own.attention[0], state.attention[row, : len(source)], atol=1e-6)


def test_a_normalised_layer_comes_to_the_same_alone() -> None:
    random = np.random.default_rng(0)
    kernel, bias, gain = random.normal(size=(30, 41)), random.normal(size=41), random.normal(size=41)
    named = {"x.kernel": kernel, "x.bias": bias, "x.gain": gain}
    layer = Dense.of({name: array.astype(np.float32) for name, array in named.items()}, "x")
    inputs = random.normal(size=(9, 30)).astype(np.float32)
    together = layer(inputs)
    plain = inputs @ kernel  # [rows, units]
    expected = (plain - plain.mean(1, keepdims=True)) / np.sqrt(plain.var(1, keepdims=True) + 1e-5) * gain + bias
    np.testing.assert_allclose(together, expected, atol=1e-4)
    for row in range(len(inputs)):
        alone = layer(inputs[row : row + 1])[0]
        np.testing.assert_allclose(alone, together[row], atol=0.0 if SMALL_PRODUCTS else 1e-5)
