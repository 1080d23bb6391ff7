"""Weights of another bundle carried over to a vocabulary of other pieces."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from chatbot.bundle.config import NetworkSettings, TaggerSettings
from chatbot.bundle.schema import weight_shapes
from chatbot.errors import CheckpointError
from chatbot.inference.seq2seq import Seq2SeqStepper
from chatbot.text.special import SPECIAL_PIECES
from chatbot.text.tagging_tokenizer import FIRST_CHARACTER, TaggingTokenizer
from chatbot.text.word_tokenizer import WordTokenizer
from chatbot.training.warm_start import warm_start

NETWORK = NetworkSettings(vocabulary_size=9, embedding_size=4, encoder_units=3, decoder_units=5)


def weights(network: NetworkSettings, seed: int) -> dict[str, Any]:
    generator = np.random.default_rng(seed)
    return {name: generator.random(shape, dtype=np.float32) for name, shape in weight_shapes(network).items()}


def bundle(words: list[str], network: NetworkSettings = NETWORK) -> Any:
    return SimpleNamespace(
        path=Path("old"), weights=weights(network, 1), tokenizer=WordTokenizer(words, lower_case=True)
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


def test_input_feeding_that_the_other_has_not_begins_as_the_same_function() -> None:
    words, fed = ["sea", "ship", "wind"], replace(NETWORK, input_feeding=True)
    old = bundle(words)
    begun = warm_start(old, WordTokenizer(words, lower_case=True), weights(fed, 2))
    np.testing.assert_array_equal(begun.weights["decoder.0.kernel"][:4], old.weights["decoder.0.kernel"])
    assert not begun.weights["decoder.0.kernel"][4:].any()
    scores = [
        Seq2SeqStepper(one, network).score([[5, 7], [8]], [[6, 7, 8], [6]])
        for one, network in ((old.weights, NETWORK), (begun.weights, fed))
    ]
    for plain, same in zip(*scores, strict=True):
        np.testing.assert_allclose(same, plain, atol=1e-5)


def test_input_feeding_is_not_lost() -> None:
    words = ["sea", "ship", "wind"]
    old = bundle(words, replace(NETWORK, input_feeding=True))
    with pytest.raises(CheckpointError, match=r"decoder\.0\.kernel is of shape \[8, 20\], and .* makes it \[4, 20\]"):
        warm_start(old, WordTokenizer(words, lower_case=True), weights(NETWORK, 2))


def test_a_tagger_keeps_the_words_characters_and_tags_that_both_have() -> None:
    network = TaggerSettings(embedding_size=4, character_embedding=3, filters=2, encoder_units=3)
    sizes = ("vocabulary_size", "character_size", "tags")
    old_words, new_words = (
        TaggingTokenizer(["sea", "ann"], "aes", ["LOC", "PER"]),
        TaggingTokenizer(["ann", "oak"], "oae", ["PER", "TREE"]),
    )
    old, fresh = (
        weights(replace(network, **dict(zip(sizes, (one.size, one.character_size, len(one.tags)), strict=True))), seed)
        for seed, one in ((1, old_words), (2, new_words))
    )
    named = SimpleNamespace(path=Path("old"), weights=old, tokenizer=old_words)
    begun = warm_start(named, new_words, fresh)  # type: ignore[arg-type]
    first, a = len(SPECIAL_PIECES), FIRST_CHARACTER
    assert (begun.kept, begun.size) == (first + 1, first + 2)
    np.testing.assert_array_equal(begun.weights["embedding"][first], old["embedding"][first + 1])
    np.testing.assert_array_equal(begun.weights["embedding"][first + 1], fresh["embedding"][first + 1])
    letters = begun.weights["characters.embedding"]
    np.testing.assert_array_equal(
        letters[a:], [fresh["characters.embedding"][a], *old["characters.embedding"][a : a + 2]]
    )
    at = {tag: (old_words.tag_ids.get(tag), new_words.tag_ids[tag]) for tag in ("B-PER", "E-PER", "O")}
    for one, (was, now) in at.items():
        np.testing.assert_array_equal(begun.weights["output.kernel"][now], old["output.kernel"][was], err_msg=one)
    (was, to_was), (now, to_now) = zip(at["B-PER"], at["E-PER"], strict=True)
    assert begun.weights["transitions.pairs"][now, to_now] == old["transitions.pairs"][was, to_was]
    tree = new_words.tag_ids["B-TREE"]
    np.testing.assert_array_equal(begun.weights["transitions.pairs"][tree], fresh["transitions.pairs"][tree])


def test_a_network_of_another_kind_of_words_is_refused() -> None:
    tagging = TaggingTokenizer(["sea"], "a", ["LOC"])
    with pytest.raises(CheckpointError, match="cannot be started from"):
        warm_start(bundle(["sea"]), tagging, {"characters.embedding": np.zeros((5, 3), np.float32)})


def test_another_network_is_refused() -> None:
    fresh = weights(replace(NETWORK, decoder_units=6), 2)
    with pytest.raises(CheckpointError, match=r"^old: cannot be started from: .* is of shape .* the recipe makes it"):
        warm_start(bundle(["sea", "ship", "wind"]), WordTokenizer(["sea", "ship", "wind"], lower_case=True), fresh)
