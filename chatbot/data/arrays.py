"""The binary files of a split: names, types, and a writer that appends utterance by utterance.

Every file is a raw little-endian array without a header; `dataset.json` holds the counts that give their sizes.
"""

from __future__ import annotations

import contextlib
from array import array
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO

import numpy as np

ARRAYS = {"tokens": "<u2", "offsets": "<i8", "speakers": "<i4", "bytes": "<i4", "words": "<i4", "examples": "<i4"}
_BUFFERED = 1 << 16  # items


def dtype_of(name: str, vocabulary_size: int) -> np.dtype[np.generic]:
    """The type of an array's items; tokens need four bytes when the vocabulary has more than 65,535 ids."""
    return np.dtype("<u4" if name == "tokens" and vocabulary_size > 65535 else ARRAYS[name])


def file_name(split: str, name: str) -> str:
    """The name of an array's file inside the dataset's folder."""
    return f"{split}.{name}.bin"


class SplitWriter:
    """Appends utterances and examples of one split to its files; a context manager."""

    def __init__(self, folder: Path, split: str, vocabulary_size: int) -> None:
        self._stack = contextlib.ExitStack()
        self._columns = {
            name: _Column(
                self._stack.enter_context((folder / file_name(split, name)).open("wb")), dtype_of(name, vocabulary_size)
            )
            for name in ARRAYS
        }
        self._columns["offsets"].extend([0])
        self.conversations = 0
        self.utterances = 0
        self.tokens = 0
        self.examples = 0

    def __enter__(self) -> SplitWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._stack:
            for column in self._columns.values():
                column.flush()

    def add_utterance(self, ids: Sequence[int], speaker: int, bytes_: int, words: int) -> int:
        """Append an utterance; returns its index within the split."""
        self.tokens += len(ids)
        self.utterances += 1
        self._columns["tokens"].extend(ids)
        self._columns["offsets"].extend([self.tokens])
        self._columns["speakers"].extend([speaker])
        self._columns["bytes"].extend([bytes_])
        self._columns["words"].extend([words])
        return self.utterances - 1

    def counts(self) -> dict[str, int]:
        """What `dataset.json` says of the split."""
        names = ("conversations", "utterances", "tokens", "examples")
        return {name: getattr(self, name) for name in names}

    def add_example(self, first: int, reply: int) -> None:
        """Append an example: utterances `first`..`reply` - 1 are the context of utterance `reply`."""
        self.examples += 1
        self._columns["examples"].extend([first, reply])


class _Column:
    """Numbers on their way into one file."""

    def __init__(self, file: IO[bytes], dtype: np.dtype[np.generic]) -> None:
        self._file, self._dtype = file, dtype
        self._buffer = array("q")

    def extend(self, numbers: Sequence[int]) -> None:
        self._buffer.extend(numbers)
        if len(self._buffer) >= _BUFFERED:
            self.flush()

    def flush(self) -> None:
        self._file.write(np.asarray(self._buffer, dtype=self._dtype).tobytes())
        self._buffer = array("q")
