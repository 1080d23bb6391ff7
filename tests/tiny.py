"""A tiny dialogue bundle with random weights and a real tokenizer: small, fast, whole, and it says real words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chatbot.bundle.config import BundleConfig, Golden, NetworkSettings
from chatbot.bundle.saving import save_bundle
from chatbot.bundle.schema import weight_shapes
from chatbot.data.context import ContextSettings
from chatbot.decoding.search import decode
from chatbot.inference.seq2seq import Seq2SeqStepper
from chatbot.settings import DecodingSettings
from chatbot.text.sentencepiece_tokenizer import SentencePieceTokenizer, train_sentencepiece
from chatbot.text.special import EOS_ID, SPECIAL_PIECES
from chatbot.text.tokenizer import Tokenizer

SENTENCES = (
    "Good morning. Did you sleep well?",
    "Not really, the neighbours had a party.",
    "Would you like some tea, or is it too late for tea?",
    "It is never too late for tea.",
    "Where did you put the blue umbrella?",
    "By the door, next to your boots.",
    "I think it is going to rain again.",
    "Then we should take the bus and not the bicycle.",
    "What are we going to cook tonight?",
    "Something warm. Soup with bread, perhaps.",
    "My sister is coming on Friday with her new dog.",
    "I hope the dog likes our old cat.",
    "Nobody likes our old cat, but she does not mind.",
    "Hello! How are you today?",
    "I am fine, thank you. And you?",
    "Could you help me with the garden on Sunday?",
    "Of course. I will bring the big shovel.",
    "He said that he would write, but he never did.",
    "Perhaps the letter was lost on the way.",
    "Let us wait one more week before we worry.",
)
NETWORK = NetworkSettings(embedding_size=24, encoder_units=16, decoder_units=32, attention="general")


def tiny_tokenizer() -> SentencePieceTokenizer:
    """About 300 ids: the special ones, the bytes, and pieces of words."""
    return train_sentencepiece(SENTENCES, 330)


def tiny_weights(network: NetworkSettings, tokenizer: SentencePieceTokenizer) -> dict[str, NDArray[np.float32]]:
    """Random weights that favour pieces of words and end a reply after some ten of them."""
    random = np.random.default_rng(7)
    weights = {name: random.normal(0, 0.7, shape) for name, shape in weight_shapes(network).items()}
    plain = [not piece.startswith("<") for piece in tokenizer.pieces(range(network.vocabulary_size))]
    weights["output.bias"] = np.where(plain, 0.0, -30.0)
    weights["output.bias"][EOS_ID] = 2.0
    weights["embedding"][EOS_ID] /= 10
    return {name: array.astype(np.float32) for name, array in weights.items()}


def described(tokenizer: Tokenizer, **fields: Any) -> BundleConfig:
    """The configuration of a bundle of float32 weights."""
    kind, file = tokenizer.kind, tokenizer.file_name
    return BundleConfig(
        context=ContextSettings(), tokenizer_kind=kind, tokenizer_file=file, weights_dtype="float32", **fields
    )


def save_tiny_bundle(path: Path, name: str = "tiny", **decoding: int | float) -> str:
    """Write the bundle as the folder `path`, `decoding` being its default settings; its fingerprint."""
    tokenizer = tiny_tokenizer()
    network = replace(NETWORK, vocabulary_size=tokenizer.size)
    weights = tiny_weights(network, tokenizer)
    config = described(
        tokenizer,
        name=name,
        task="dialogue",
        network=network,
        decoding={"beam_size": 3, "max_length": 12, **decoding},
        golden=_golden(Seq2SeqStepper(weights, network), tokenizer),
    )
    return save_bundle(
        path, config, weights, tokenizer, f"# {name}\n\nRandom weights; says nothing that means anything.\n"
    )


def _golden(stepper: Seq2SeqStepper, tokenizer: SentencePieceTokenizer) -> tuple[Golden, ...]:
    sources = [[len(SPECIAL_PIECES) - 1, *tokenizer.encode(text)] for text in SENTENCES[:3]]
    greedy = DecodingSettings(max_length=6, no_repeat_ngram=0)
    found = decode(stepper, sources, greedy, [0] * len(sources))
    return tuple(Golden(tuple(s), answers[0].ids) for s, answers in zip(sources, found, strict=True))
