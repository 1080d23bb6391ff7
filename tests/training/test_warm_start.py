"""Weights of another bundle carried over to a vocabulary of other pieces."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from chatbot.bundle.config import NetworkSettings
from chatbot.bundle.schema import weight_shapes
from chatbot.errors import CheckpointError
from chatbot.text.word_tokenizer import WordTokenizer
from chatbot.training.warm_start import warm_start

NETWORK = NetworkSettings(vocabulary_size=9, embedding_size=4, encoder_units=3, decoder_units=5)


def weights(network: NetworkSettings, seed: int) -> dict[str, Any]:
    generator = np.random.default_rng(seed)
    return {name: generator.random(shape, dtype=np.float32) for name, shape in weight_shapes(network).items()}


def bundle(words: list[str]) -> Any:
    return SimpleNamespace(
        path=Path("old"), weights=weights(NETWORK, 1), tokenizer=WordTokenizer(words, lower_case=True)
    )


def test_known_pieces_keep_their_rows_and_new_ones_are_fresh() -> None:
    old = bundle(["sea", "ship", "wind"])
    fresh = weights(replace(NETWORK, vocabulary_size=10), 2)
    begun = warm_start(old, WordTokenizer(["wind", "moon", "sea", "star"], lower_case=True), fresh)
    assert (begun.kept, begun.size) == (8, 10)  # six special ids, wind and sea
    for name in ("embedding", "output.bias"):
        np.testing.assert_array_equal(begun.weights[name][:6], old.weights[name][:6])
        np.testing.assert_array_equal(begun.weights[name][[6, 8]], old.weights[name][[8, 6]])
        np.testing.assert_array_equal(begun.weights[name][[7, 9]], fresh[name][[7, 9]])
    np.testing.assert_array_equal(begun.weights["combine.kernel"], old.weights["combine.kernel"])


def test_a_gain_that_the_other_has_not_stays_as_it_begins() -> None:
    words = ["sea", "ship", "wind"]
    fresh = weights(replace(NETWORK, layer_norm=True), 2)
    begun = warm_start(bundle(words), WordTokenizer(words, lower_case=True), fresh)
    np.testing.assert_array_equal(begun.weights["combine.gain"], fresh["combine.gain"])


def test_another_network_is_refused() -> None:
    fresh = weights(replace(NETWORK, decoder_units=6), 2)
    with pytest.raises(CheckpointError, match=r"^old: cannot be started from: .* is of shape .* the recipe makes it"):
        warm_start(bundle(["sea", "ship", "wind"]), WordTokenizer(["sea", "ship", "wind"], lower_case=True), fresh)
