"""The n-grams in a bundle: they come back as they were, and a wrong or hostile file is one line."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from toy_bundle import WORDS, toy_config, toy_network, toy_weights

from chatbot.bundle.folder import CONFIG_FILE, WEIGHTS_FILE
from chatbot.bundle.header import tensor_offsets
from chatbot.bundle.loading import load_bundle
from chatbot.bundle.ngram import facts_of, ngram_tensors, table_from_bytes
from chatbot.bundle.parsing import config_from_bytes, config_to_bytes
from chatbot.bundle.saving import save_bundle
from chatbot.bundle.weights import stored_tensors, weights_to_bytes
from chatbot.errors import BundleError
from chatbot.ngram.kneser_ney import NgramModel, joined
from chatbot.ngram.pruning import pruned
from chatbot.text.word_tokenizer import WordTokenizer

NETWORK = toy_network()
TEXTS = (np.random.default_rng(0).zipf(1.3, (80, 6)) % 70 + 6).tolist()
TABLE = pruned(NgramModel.train(joined(TEXTS), 3, NETWORK.vocabulary_size), 150)
OTHER = pruned(NgramModel.train(joined(TEXTS), 3, NETWORK.vocabulary_size), 149)
FACTS = facts_of(TABLE, 0.25)
CONFIG = toy_config(ngram=FACTS)
CONTENT = weights_to_bytes(toy_weights(NETWORK), NETWORK, "int8", TABLE)
TENSORS = stored_tensors(NETWORK, "int8", FACTS)
VALUES = json.loads(config_to_bytes(CONFIG))
CERTAIN = 8 * tensor_offsets(CONTENT, TENSORS, "x")["ngram.3.codes"] + 5
"""A bit of a code which, with it, may leave nothing to lower orders."""


def test_they_come_back_as_they_were(tmp_path: Path):
    save_bundle(tmp_path / "x", CONFIG, toy_weights(NETWORK), WordTokenizer(WORDS, False), "", TABLE)
    bundle = load_bundle(tmp_path / "x")
    assert bundle.config.ngram == FACTS
    assert bundle.table is not None
    for stored, expected in zip(bundle.table.stored, TABLE.stored, strict=True):
        assert all(np.array_equal(one, other) for one, other in zip(stored, expected, strict=True))
    ids = joined(TEXTS)
    assert np.array_equal(bundle.table.log_probs(ids), TABLE.log_probs(ids))


def test_a_bundle_without_them_does_not_speak_of_them():
    assert b"ngram" not in config_to_bytes(toy_config())
    assert config_from_bytes(config_to_bytes(toy_config()), "x").ngram is None


@pytest.mark.parametrize("case", ["no table", "no facts", "other facts"])
def test_what_could_not_be_loaded_is_not_saved(tmp_path: Path, case: str):
    config = {"no table": CONFIG, "no facts": toy_config(), "other facts": toy_config(ngram=facts_of(OTHER, 0.5))}[case]
    table = None if case == "no table" else TABLE
    with pytest.raises(BundleError, match="the n-grams are not those of which the configuration speaks"):
        save_bundle(tmp_path / "x", config, toy_weights(NETWORK), WordTokenizer(WORDS, False), "", table)
    assert not (tmp_path / "x").exists()


def test_ids_beyond_two_bytes_take_four():
    assert {name: tensor.dtype for name, tensor in ngram_tensors(FACTS, 70_000).items()}["ngram.1.ids"] == "U32"


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"share": 1.0}, "ngram.share: must be a number between 0 and 1, but is '1.0'"),
        ({"share": "much"}, "ngram.share: must be"),
        ({"share": float("nan")}, "not valid JSON"),
        ({"types": 7}, "ngram.types: must be a list of 1 to 8 sizes"),
        ({"types": []}, "ngram.types: must be a list"),
        ({"types": [70, 10**9, 3]}, "ngram.types: must be sizes, 20,000,000 at most in all"),
        ({"types": [70, True, 3]}, "ngram.types: must be sizes"),
        ({"followed": [1]}, "ngram.followed: must be a list of 1 to 8 sizes, as many as types"),
        ({"followed": [2, 1, 1]}, "ngram.followed: 2 contexts cannot be followed"),
        ({"more": 1}, "ngram: must hold share, types and followed"),
    ],
)
def test_what_config_says_of_them_is_checked(changes: dict[str, Any], line: str):
    values = {**VALUES, "ngram": {**VALUES["ngram"], **changes}}
    with pytest.raises(BundleError) as raised:
        config_from_bytes(json.dumps(values).encode(), "config.json")
    assert line.replace("not valid JSON", "config.json") in str(raised.value)
    assert len(str(raised.value)) < 300


def test_only_dialogue_and_translation_have_them():
    network = {"vocabulary_size": 70}
    values = {**VALUES, "task": "generation", "network": network, "golden": []}
    with pytest.raises(BundleError, match="ngram: a model for generation has none"):
        config_from_bytes(json.dumps(values).encode(), "config.json")


@given(st.integers(0, len(CONTENT) * 8 - 1))
@example(CERTAIN)
def test_a_flipped_bit_is_found_or_harmless(place: int):
    content = bytearray(CONTENT)
    content[place // 8] ^= 1 << place % 8
    with contextlib.suppress(BundleError):
        found = table_from_bytes(bytes(content), FACTS, TENSORS, "weights.safetensors")
        log_probs = found.log_probs(joined(TEXTS[:5]))
        assert np.isfinite(log_probs).all()
        assert log_probs.max() <= 1e-5


@pytest.mark.parametrize(
    ("array", "value", "line"),
    [
        ("codes", 255, "all probability, or more"),
        ("ids", 255, "beyond the vocabulary"),
        ("followers", 1, "more or fewer n-grams"),
        ("followed", 0, "other contexts"),
    ],
)
def test_arrays_that_do_not_fit_are_one_line(tmp_path: Path, array: str, value: int, line: str):
    save_bundle(tmp_path / "x", CONFIG, toy_weights(NETWORK), WordTokenizer(WORDS, False), "", TABLE)
    file = tmp_path / "x" / WEIGHTS_FILE
    content = bytearray(file.read_bytes())
    length = int.from_bytes(content[:8], "little")
    begin, end = json.loads(content[8 : 8 + length])[f"ngram.2.{array}"]["data_offsets"]
    content[8 + length + begin : 8 + length + end] = bytes([value]) * (end - begin)
    file.write_bytes(content)
    with pytest.raises(BundleError) as raised:
        load_bundle(tmp_path / "x")
    assert f"{WEIGHTS_FILE}: the n-gram model" in str(raised.value)
    assert line in str(raised.value)
    assert (tmp_path / "x" / CONFIG_FILE).exists()
