"""A small model with random weights that do not stand still: its replies depend on every weight."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chatbot.bundle.card import render_card
from chatbot.bundle.config import BundleConfig, NetworkSettings
from chatbot.bundle.quantise import as_stored
from chatbot.bundle.saving import save_bundle
from chatbot.bundle.schema import weight_shapes
from chatbot.data.context import ContextSettings
from chatbot.inference.golden import make_golden
from chatbot.inference.seq2seq import Seq2SeqStepper
from chatbot.text.special import SPECIAL_PIECES
from chatbot.text.word_tokenizer import WordTokenizer

WORDS = [f"{a}{b}{c}" for a in "bdfk" for b in "aeiou" for c in "lmnt"]
SIZES = {"embedding_size": 32, "encoder_units": 24, "decoder_units": 40, "attention_units": 20}


def toy_network(**settings: Any) -> NetworkSettings:
    return NetworkSettings(**{"vocabulary_size": len(SPECIAL_PIECES) + len(WORDS), **SIZES, **settings})


def toy_weights(network: NetworkSettings, seed: int = 0) -> dict[str, NDArray[np.float32]]:
    random = np.random.default_rng(seed)
    return {name: random.normal(0, 0.5, shape).astype(np.float32) for name, shape in weight_shapes(network).items()}


def toy_config(network: NetworkSettings | None = None, **fields: Any) -> BundleConfig:
    known = {
        "name": "toy",
        "task": "dialogue",
        "network": network or toy_network(),
        "context": ContextSettings(),
        "tokenizer_kind": "word",
        "tokenizer_file": "tokenizer.json",
        "weights_dtype": "float32",
        "training": {"corpus": "none: random weights", "epochs": 3, "validation": {"perplexity": 42.5}},
    }
    return BundleConfig(**{**known, **fields})


def save_toy(path: Path, dtype: str = "float32", seed: int = 0, **fields: Any) -> str:
    """Write a toy bundle with golden prompts; returns its fingerprint."""
    network = fields.pop("network", None) or toy_network()
    weights = toy_weights(network, seed)
    stepper = Seq2SeqStepper(as_stored(weights, dtype), network)
    golden = make_golden(stepper, [[4, 9, 10], [5, 20, 21, 22]], [6, 6])
    config = toy_config(network, **{"weights_dtype": dtype, "golden": golden, **fields})
    return save_bundle(path, config, weights, WordTokenizer(WORDS, False), render_card(config))
