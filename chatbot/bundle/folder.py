"""The files of a bundle's folder -> bytes, each a plain file within its size limit; and their fingerprint."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from chatbot.bundle.config import BundleConfig
from chatbot.bundle.header import tensor_offsets
from chatbot.bundle.parsing import LARGEST_CONFIG, config_from_bytes
from chatbot.bundle.weights import largest_file, stored_tensors
from chatbot.errors import BundleError

CONFIG_FILE = "config.json"
WEIGHTS_FILE = "weights.safetensors"
CARD_FILE = "CARD.md"
LARGEST_TOKENIZER = 32_000_000
LARGEST_CARD = 1_000_000

Read = Callable[[str, int], bytes]  # the name of a file, and the most bytes it may hold -> its bytes


@dataclass(frozen=True, slots=True)
class BundleFiles:
    """What was read, the configuration checked, the rest still bytes."""

    path: Path
    config: BundleConfig
    config_bytes: bytes
    tokenizer_bytes: bytes
    weights_bytes: bytes
    card: str

    @property
    def content(self) -> dict[str, bytes]:
        """Name -> bytes of everything in the bundle."""
        return {
            CONFIG_FILE: self.config_bytes,
            CARD_FILE: self.card.encode("utf-8", errors="replace"),
            self.config.tokenizer_file: self.tokenizer_bytes,
            WEIGHTS_FILE: self.weights_bytes,
        }

    @property
    def fingerprint(self) -> str:
        """sha256 (hex) over configuration, tokenizer and weights."""
        return fingerprint(self.config_bytes, self.tokenizer_bytes, self.weights_bytes)


def fingerprint(config: bytes, tokenizer: bytes, weights: bytes) -> str:
    """sha256 (hex) over the three contents, each preceded by its length in 8 little-endian bytes."""
    digest = hashlib.sha256()
    for content in (config, tokenizer, weights):
        digest.update(len(content).to_bytes(8, "little"))
        digest.update(content)
    return digest.hexdigest()


def read_config(path: Path) -> BundleConfig:
    """Only the configuration of the bundle in the folder `path`."""
    return config_from_bytes(read_file(path, CONFIG_FILE, LARGEST_CONFIG), str(path / CONFIG_FILE))


def read_files(path: Path) -> BundleFiles:
    """Read a bundle's folder; `BundleError` says which file is missing, too large, not plain or has a wrong header."""
    return files_from(path, partial(read_file, path), read_card(path))


def files_from(path: Path, read: Read, card: str) -> BundleFiles:
    """What `read` gives of the bundle at `path`, a folder or an archive; each file is asked for within its limit."""
    config_bytes = read(CONFIG_FILE, LARGEST_CONFIG)
    config = config_from_bytes(config_bytes, str(path / CONFIG_FILE))
    tokenizer_bytes = read(config.tokenizer_file, LARGEST_TOKENIZER)
    kept = config.network, config.weights_dtype, config.ngram
    weights_bytes = read(WEIGHTS_FILE, largest_file(*kept))
    tensor_offsets(weights_bytes, stored_tensors(*kept), str(path / WEIGHTS_FILE))
    return BundleFiles(path, config, config_bytes, tokenizer_bytes, weights_bytes, card)


def read_card(path: Path) -> str:
    """The text of CARD.md; empty where there is none, for a model can talk without it."""
    if not (path / CARD_FILE).exists():
        return ""
    return read_file(path, CARD_FILE, LARGEST_CARD).decode("utf-8", errors="replace")


def read_file(folder: Path, name: str, limit: int) -> bytes:
    """The bytes of a plain file that lies in the folder and holds at most `limit` bytes."""
    path = folder / name
    try:
        if path.is_symlink() and not path.resolve().is_relative_to(folder.resolve()):
            raise BundleError(f"{path}: leads out of the bundle's folder")
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise BundleError(f"{path}: is not a plain file")
            if status.st_size > limit:
                raise BundleError(f"{path}: must hold at most {limit:,} bytes, but holds {status.st_size:,}")
            return file.read(status.st_size)
    except FileNotFoundError as error:
        if not folder.exists():
            raise BundleError(f"{folder}: there is no such folder") from error
        raise BundleError(f"{path}: the file is missing from the bundle") from error
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BundleError(f"{path}: cannot be read: {reason}") from error
