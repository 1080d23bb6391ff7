"""A row's log-probabilities do not depend on its neighbours: to the last bit where the processor has AVX-512."""

from __future__ import annotations

import numpy as np

from chatbot.dialogue.model import Model
from chatbot.inference.product import SMALL_PRODUCTS


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
