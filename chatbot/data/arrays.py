"""The binary files of a split: names, types, and a writer that appends utterance by utterance.

Every file is a raw little-endian array without a header; `dataset.json` holds the counts that give their sizes. Which
arrays there are depends on the task.
"""

from __future__ import annotations

import contextlib
from array import array
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from chatbot.errors import DatasetError


class Column(NamedTuple):
    """One array: the type of its items, and how many there are: `times` the count called `per`, and `plus`."""

    dtype: str
    per: str
    times: int = 1
    plus: int = 0


UTTERANCE = Column("<i4", "utterances")
TEXTS = {
    "tokens": Column("<u2", "tokens"),
    "offsets": Column("<i8", "utterances", plus=1),
    "bytes": UTTERANCE,
    "words": UTTERANCE,
}
EXCHANGES = {**TEXTS, "speakers": UTTERANCE, "examples": Column("<i4", "examples", times=2)}
TAGGED = {
    **TEXTS,
    "tags": Column("<u2", "tokens"),
    "characters": Column("<u2", "characters"),
    "character_offsets": Column("<i8", "tokens", plus=1),
}
ARRAYS = {"dialogue": EXCHANGES, "translation": EXCHANGES, "generation": TEXTS, "tagging": TAGGED}
"""Task -> name -> array."""
_BUFFERED = 1 << 16  # items


def dtype_of(name: str, column: Column, vocabulary_size: int) -> np.dtype[np.generic]:
    """The type of an array's items; tokens need four bytes when the vocabulary has more than 65,535 ids."""
    return np.dtype("<u4" if name == "tokens" and vocabulary_size > 65535 else column.dtype)


def sizes(task: str, counts: Mapping[str, int]) -> dict[str, int]:
    """Array name -> number of items, of a split with these counts."""
    return {name: counts[one.per] * one.times + one.plus for name, one in ARRAYS[task].items()}


def mapped(
    task: str, split: str, folder: Path, counts: Mapping[str, int], vocabulary_size: int
) -> dict[str, NDArray[Any]]:
    """Array name -> the array of a split, mapped from its file."""
    found: dict[str, NDArray[Any]] = {}
    for name, items in sizes(task, counts).items():
        dtype = dtype_of(name, ARRAYS[task][name], vocabulary_size)
        found[name] = np.memmap(folder / file_name(split, name), dtype, "r", shape=(items,))
    return found


def file_name(split: str, name: str) -> str:
    """The name of an array's file inside the dataset's folder."""
    return f"{split}.{name}.bin"


def damaged(folder: Path, split: str, name: str) -> DatasetError:
    """The error for an array with a number in it that would index outside another array or the vocabulary."""
    return DatasetError(
        f"{folder / file_name(split, name)}: damaged: a number is out of its range; "
        f"make it again with: chatbot prepare SRC --output {folder} --overwrite"
    )


class SplitWriter:
    """Appends utterances and examples of one split to its files; a context manager."""

    def __init__(self, folder: Path, split: str, vocabulary_size: int, task: str = "dialogue") -> None:
        self._stack = contextlib.ExitStack()
        self._columns = {
            name: _Column(
                self._stack.enter_context((folder / file_name(split, name)).open("wb")),
                dtype_of(name, column, vocabulary_size),
            )
            for name, column in ARRAYS[task].items()
        }
        for name, column in ARRAYS[task].items():
            if column.plus:
                self._columns[name].extend([0])
        self.conversations = 0
        self.utterances = 0
        self.tokens = 0
        self.examples = 0
        self.characters: int | None = None

    def __enter__(self) -> SplitWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._stack:
            for column in self._columns.values():
                column.flush()

    def add_utterance(self, ids: Sequence[int], **facts: int) -> int:
        """Append an utterance: its ids, and a number for each array of one item an utterance; returns its index."""
        self.tokens += len(ids)
        self.utterances += 1
        self._columns["tokens"].extend(ids)
        self._columns["offsets"].extend([self.tokens])
        for name, fact in facts.items():
            self._columns[name].extend([fact])
        return self.utterances - 1

    def counts(self) -> dict[str, int]:
        """What `dataset.json` says of the split."""
        names = ("conversations", "utterances", "tokens", "examples")
        own = {} if self.characters is None else {"characters": self.characters}
        return {name: getattr(self, name) for name in names} | own

    def extend(self, name: str, numbers: Sequence[int]) -> None:
        """Append items to one array."""
        self._columns[name].extend(numbers)

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
