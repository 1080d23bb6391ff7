"""config.json of a bundle: what the model is, checked and bounded before a single weight is read.

In: a parsed JSON object from a stranger. Out: a `BundleConfig`, or a `BundleError` of one line.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from chatbot.data.context import ContextSettings
from chatbot.settings import setting

FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """The attention seq2seq: sizes are bounded so that a hostile bundle cannot ask for the machine."""

    vocabulary_size: int = setting(8000, "token ids", minimum=7, maximum=200_000)
    embedding_size: int = setting(256, "units of a token vector", minimum=1, maximum=4096)
    encoder_units: int = setting(256, "units of each direction of an encoder layer", minimum=1, maximum=4096)
    encoder_layers: int = setting(1, "bidirectional LSTM layers", minimum=1, maximum=8)
    decoder_units: int = setting(512, "units of a decoder layer", minimum=1, maximum=4096)
    decoder_layers: int = setting(1, "LSTM layers", minimum=1, maximum=8)
    attention: str = setting(
        "general",
        "score of a decoder state against a source position (Luong et al. 2015; Bahdanau et al. 2015)",
        choices=("dot", "general", "additive"),
    )
    attention_units: int = setting(256, "hidden units of additive attention", minimum=1, maximum=4096)
    tied: bool = setting(True, "the output layer is the embedding, transposed (Press & Wolf 2017)")
    layer_norm: bool = setting(False, "what the output layer reads is normalised before its tanh (Ba et al. 2016)")
    input_feeding: bool = setting(False, "the decoder reads the last attentional vector, too (Luong et al. 2015)")


@dataclass(frozen=True, slots=True)
class LanguageModelSettings:
    """The LSTM language model: one id after the other."""

    vocabulary_size: int = setting(8000, "token ids", minimum=7, maximum=200_000)
    embedding_size: int = setting(256, "units of a token vector", minimum=1, maximum=4096)
    units: int = setting(512, "units of a layer", minimum=1, maximum=4096)
    layers: int = setting(2, "LSTM layers, one on the other", minimum=1, maximum=8)
    tied: bool = setting(True, "the output layer is the embedding, transposed (Press & Wolf 2017)")


@dataclass(frozen=True, slots=True)
class TaggerSettings:
    """The tagger: what a word looks like and what stands around it decide its tag."""

    vocabulary_size: int = setting(20_000, "word ids", minimum=7, maximum=500_010)
    embedding_size: int = setting(100, "units of a word vector", minimum=1, maximum=4096)
    character_size: int = setting(100, "character ids", minimum=5, maximum=10_010)
    character_embedding: int = setting(30, "units of a character vector", minimum=1, maximum=1024)
    filters: int = setting(50, "features of a word's characters, three read at once", minimum=1, maximum=1024)
    encoder_units: int = setting(200, "units of each direction of a layer", minimum=1, maximum=4096)
    encoder_layers: int = setting(1, "bidirectional LSTM layers", minimum=1, maximum=8)
    tags: int = setting(17, "different tags", minimum=2, maximum=4010)
    head: str = setting("crf", "crf weighs neighbouring tags, softmax each tag alone", choices=("crf", "softmax"))


Network = NetworkSettings | LanguageModelSettings | TaggerSettings
NETWORKS: dict[str, type[Network]] = {
    "dialogue": NetworkSettings,
    "translation": NetworkSettings,
    "tagging": TaggerSettings,
    "generation": LanguageModelSettings,
}
"""Task -> the settings of its network."""


@dataclass(frozen=True, slots=True)
class Golden:
    """A prompt and the ids that greedy search must answer it with; checked on load."""

    source_ids: tuple[int, ...]
    reply_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NgramFacts:
    """An n-gram model beside the network: what must be known of it to read its arrays, and how much it counts."""

    share: float  # of each probability; the network's is the rest
    types: tuple[int, ...]  # n-grams of each length
    followed: tuple[int, ...]  # contexts of each length, from 0, that any of them continue


@dataclass(frozen=True, slots=True)
class BundleConfig:
    """The whole of config.json."""

    name: str
    task: str  # one of NETWORKS
    network: Network
    context: ContextSettings
    tokenizer_kind: str
    tokenizer_file: str
    weights_dtype: str  # "float32", "float16" or "int8"
    training: dict[str, Any] = field(default_factory=dict)  # summary: corpus, split hash, epochs, measures
    decoding: dict[str, Any] = field(default_factory=dict)  # default decoding settings of this model
    golden: tuple[Golden, ...] = ()
    languages: tuple[str, ...] = ()  # of a translation: from, to
    ngram: NgramFacts | None = None
    format: int = FORMAT_VERSION
