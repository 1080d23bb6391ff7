"""A bundle's folder -> configuration, float32 weights and tokenizer, everything checked on the way."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from chatbot.bundle.config import BundleConfig
from chatbot.bundle.folder import WEIGHTS_FILE, BundleFiles, read_files
from chatbot.bundle.ngram import table_from_bytes
from chatbot.bundle.weights import Weights, stored_tensors, weights_from_bytes
from chatbot.errors import BundleError, VocabularyError
from chatbot.ngram.table import NgramTable
from chatbot.text.loading import tokenizer_from_bytes
from chatbot.text.tokenizer import Tokenizer


@dataclass(frozen=True, slots=True)
class Bundle:
    """A trained model in memory. `weights` are float32, named and shaped as `schema.weight_shapes` says.

    Where there is an n-gram model beside the network, it is `table`, and `config.ngram` says what it counts for.
    """

    path: Path
    config: BundleConfig
    weights: Weights
    tokenizer: Tokenizer
    fingerprint: str
    card: str
    table: NgramTable | None = None


def load_bundle(path: Path) -> Bundle:
    """Load the bundle in the folder `path`; a wrong, truncated, newer or hostile one is a `BundleError` of one line."""
    return bundle_of(read_files(path))


def bundle_of(files: BundleFiles) -> Bundle:
    """The bundle in files that were read; `BundleError` where a weight or the tokenizer is wrong."""
    config, where = files.config, str(files.path / WEIGHTS_FILE)
    content, kept = files.weights_bytes, (config.network, config.weights_dtype)
    weights, table = weights_from_bytes(content, *kept, where, config.ngram), None
    if config.ngram:
        table = table_from_bytes(content, config.ngram, stored_tensors(*kept, config.ngram), where)
    return Bundle(files.path, config, weights, _tokenizer(files), files.fingerprint, files.card, table)


def _tokenizer(files: BundleFiles) -> Tokenizer:
    where, wanted = files.path / files.config.tokenizer_file, files.config.network.vocabulary_size
    try:
        tokenizer = tokenizer_from_bytes(files.config.tokenizer_kind, files.tokenizer_bytes)
    except VocabularyError as error:
        raise BundleError(f"{where}: {error}") from error
    if tokenizer.size != wanted:
        raise BundleError(f"{where}: must have {wanted} ids as the network has, but has {tokenizer.size}")
    return tokenizer
