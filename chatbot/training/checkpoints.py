"""A training as it stands <-> one file, whole or not there; a damaged one is passed over for the one before.

A checkpoint is a safetensors file: weights, optimiser and noise as arrays, the loop's position as JSON in its header,
beside a checksum of the arrays.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from chatbot.errors import CheckpointError
from chatbot.files import sweep, write_atomically

Arrays = dict[str, NDArray[Any]]
KEPT = 2


@dataclass(slots=True)
class Position:
    """Where the loop stands; `batch` batches of `epoch` are done."""

    epoch: int = 0
    batch: int = 0
    step: int = 0
    seconds: float = 0.0
    tokens: int = 0
    epoch_nll: float = 0.0
    epoch_tokens: int = 0
    best: float | None = None  # lowest validation bits per byte
    best_epoch: int = 0
    finished: bool = False
    promoted: float | None = None  # validation bits per byte of the weights in the bundle
    promoted_epoch: int = 0
    refused: str = ""  # why the weights that did best are not in the bundle: what the gate said of them


class Checkpoints:
    """The checkpoints of a run: the newest few, and the weights that did best on the validation split."""

    def __init__(self, run: Path) -> None:
        self.folder = run / "checkpoints"

    def save(self, position: Position, arrays: Arrays) -> None:
        """Write the next checkpoint, then remove the oldest."""
        self._write(self.folder / f"step-{position.step:09d}.safetensors", asdict(position), arrays)
        for old in self._numbered()[:-KEPT]:
            old.unlink(missing_ok=True)
        sweep(self.folder)

    def save_best(self, position: Position, weights: Arrays) -> None:
        """Keep the weights of the best validation so far."""
        self._write(self.folder / "best.safetensors", asdict(position), weights)

    def has_best(self) -> bool:
        """Whether weights were ever kept as the best."""
        return (self.folder / "best.safetensors").exists()

    def any(self) -> bool:
        """Whether one was ever written, whole or damaged."""
        return bool(self._numbered())

    def load_newest(self) -> tuple[Position, Arrays]:
        """The newest checkpoint that is whole."""
        for path in reversed(self._numbered()):
            read = _read(path)
            if read is not None:
                return Position(**read[0]), read[1]
        raise CheckpointError(f"{self.folder}: no whole checkpoint to resume from; train anew with --overwrite")

    def load_best(self) -> Arrays | None:
        """The best weights; None where no validation has been made yet."""
        read = _read(self.folder / "best.safetensors")
        return None if read is None else read[1]

    def _numbered(self) -> list[Path]:
        return sorted(self.folder.glob("step-*.safetensors"))

    def _write(self, path: Path, position: dict[str, Any], arrays: Arrays) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        header = {"position": json.dumps(position), "sha256": _checksum(arrays)}
        write_atomically(path, save(arrays, metadata=header))


def _read(path: Path) -> tuple[dict[str, Any], Arrays] | None:
    """Position and arrays; None for a file that is missing or not what was written."""
    try:
        with safe_open(path, framework="numpy") as file:
            header = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a mapping)
        whole = header["sha256"] == _checksum(arrays)
        return (json.loads(header["position"]), arrays) if whole else None
    except (OSError, SafetensorError, KeyError, ValueError):
        return None


def _checksum(arrays: Arrays) -> str:
    digest = hashlib.sha256()
    for name in sorted(arrays):
        digest.update(f"{name} {arrays[name].dtype} {arrays[name].shape}".encode())
        digest.update(np.ascontiguousarray(arrays[name]).data)
    return digest.hexdigest()
