"""Small models of the side tasks with random weights, saved as bundles."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from tiny import SENTENCES, described, save_tiny_bundle

from chatbot.bundle.card import render_card
from chatbot.bundle.config import LanguageModelSettings, TaggerSettings
from chatbot.bundle.loading import load_bundle
from chatbot.bundle.saving import save_bundle
from chatbot.bundle.schema import weight_shapes
from chatbot.data.context import ContextSettings
from chatbot.inference.golden import make_golden
from chatbot.inference.language_model import LanguageModelStepper
from chatbot.inference.tagger import TaggerNetwork, golden_tags, spelled_ids
from chatbot.text.character_tokenizer import train_characters
from chatbot.text.tagging_tokenizer import TaggingTokenizer, train_tagging
from chatbot.text.word_tokenizer import train_words


def save_translator(path: Path, source: str = "en", target: str = "fr", **fields: object) -> str:
    """A bundle that turns a sentence into some words, always the same ones; its fingerprint."""
    save_tiny_bundle(path, name=path.name)
    bundle = load_bundle(path)
    context = ContextSettings(turns=1, marks=False, max_source_length=30)
    changed = {"task": "translation", "languages": (source, target), "context": context, "golden": (), **fields}
    config = replace(bundle.config, **changed)
    return save_bundle(path, config, bundle.weights, bundle.tokenizer, render_card(config))


def language_model(unit: str = "word", seed: int = 0, **sizes: object):
    """Tokenizer, settings and random weights."""
    tokenizer = train_words(SENTENCES, 500) if unit == "word" else train_characters(["\n".join(SENTENCES)], 500)
    network = LanguageModelSettings(
        **{"vocabulary_size": tokenizer.size, "embedding_size": 12, "units": 16, "layers": 2, **sizes}  # type: ignore[arg-type]
    )
    return tokenizer, network, random_weights(network, seed, 0.5)


def random_weights(network: LanguageModelSettings | TaggerSettings, seed: int, spread: float) -> dict[str, np.ndarray]:
    """Weights that were never trained."""
    random, shapes = np.random.default_rng(seed), weight_shapes(network).items()
    return {name: random.normal(0, spread, shape).astype(np.float32) for name, shape in shapes}


def save_generator(path: Path, unit: str = "word", **sizes: object) -> str:
    """A language model as the bundle `path`; its fingerprint."""
    tokenizer, network, weights = language_model(unit, **sizes)
    golden = make_golden(LanguageModelStepper(weights, network), [[7, 8, 9]], [5])
    config = described(
        tokenizer,
        name=path.name,
        task="generation",
        network=network,
        decoding={"temperature": 0.8, "max_length": 12, "no_repeat_ngram": 0},
        golden=golden,
    )
    return save_bundle(path, config, weights, tokenizer, render_card(config))


TAGGED = (
    ("Anna works at Orion in New Haven .", "S-PER O O S-ORG O B-LOC E-LOC O"),
    ("Ben and Carla Stone met in Paris .", "S-PER O B-PER E-PER O O S-LOC O"),
    ("Nobody likes our old cat .", "O O O O O O"),
)


def tagger(head: str = "crf", seed: int = 0) -> tuple[TaggingTokenizer, TaggerSettings, dict[str, np.ndarray]]:
    """Tokenizer, settings and random weights."""
    tokenizer = train_tagging([(words.split(), tags.split()) for words, tags in TAGGED * 2], 100)
    sizes = {"embedding_size": 8, "character_embedding": 5, "filters": 6, "encoder_units": 7, "head": head}
    known = {"vocabulary_size": tokenizer.size, "character_size": tokenizer.character_size, "tags": len(tokenizer.tags)}
    network = TaggerSettings(**known, **sizes)  # type: ignore[arg-type]
    return tokenizer, network, random_weights(network, seed, 0.8)


def save_tagger(path: Path, head: str = "crf", **fields: object) -> str:
    """A tagger as the bundle `path`; its fingerprint."""
    tokenizer, network, weights = tagger(head)
    sentences = [spelled_ids(tokenizer, words.split()) for words, _ in TAGGED]
    golden = golden_tags(TaggerNetwork(weights, network, tokenizer), sentences)
    config = described(tokenizer, name=path.name, task="tagging", network=network, golden=golden)
    return save_bundle(path, replace(config, **fields), weights, tokenizer, render_card(config))  # type: ignore[arg-type]
