"""Weights, tokenizer, configuration and card -> a bundle's folder, there whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chatbot.bundle.config import BundleConfig
from chatbot.bundle.folder import CARD_FILE, CONFIG_FILE, WEIGHTS_FILE, fingerprint
from chatbot.bundle.ngram import facts_of
from chatbot.bundle.parsing import config_to_bytes
from chatbot.bundle.weights import weights_to_bytes
from chatbot.errors import BundleError
from chatbot.files import folder_atomically
from chatbot.ngram.table import NgramTable
from chatbot.text.tokenizer import Tokenizer


def save_bundle(
    path: Path,
    config: BundleConfig,
    weights: Mapping[str, NDArray[np.float32]],
    tokenizer: Tokenizer,
    card: str,
    table: NgramTable | None = None,
) -> str:
    """Write the folder `path`, replacing an old one; weights in `config.weights_dtype`. Returns the fingerprint.

    `table` is the n-gram model that `config.ngram` speaks of. What `load_bundle` would refuse is refused here, before
    anything is written.
    """
    if tokenizer.size != config.network.vocabulary_size:
        raise BundleError(
            f"{path}: the tokenizer has {tokenizer.size} ids, but the network has {config.network.vocabulary_size}"
        )
    facts = config.ngram
    if (facts is None) != (table is None) or (facts and table and facts != facts_of(table, facts.share)):
        raise BundleError(f"{path}: the n-grams are not those of which the configuration speaks")
    content = {
        CONFIG_FILE: config_to_bytes(config),
        config.tokenizer_file: tokenizer.to_bytes(),
        WEIGHTS_FILE: weights_to_bytes(weights, config.network, config.weights_dtype, table),
        CARD_FILE: card.encode("utf-8", errors="replace"),
    }
    write_content(path, content)
    return fingerprint(content[CONFIG_FILE], content[config.tokenizer_file], content[WEIGHTS_FILE])


def write_content(path: Path, content: Mapping[str, bytes]) -> None:
    """Write files (name -> bytes) as the folder `path`, replacing an old one."""
    try:
        with folder_atomically(path) as folder:
            for name, part in content.items():
                (folder / name).write_bytes(part)
    except OSError as error:
        raise BundleError(f"{path}: cannot be written: {error.strerror or error}") from error


def check_replaceable(path: Path, overwrite: bool, other: str) -> None:
    """`BundleError` where something is at `path`, unless it is a bundle's folder and `overwrite` is set.

    `other` ends the line: what to type for another place.
    """
    if not path.exists() and not path.is_symlink():
        return
    if not (path / CONFIG_FILE).exists():
        raise BundleError(f"{path}: exists and is no bundle; {other}")
    if not overwrite:
        raise BundleError(f"{path}: exists already; replace it with --overwrite, or {other}")
    if path.is_symlink():
        raise BundleError(f"{path}: is a link to a bundle, and is not replaced; {other}")
