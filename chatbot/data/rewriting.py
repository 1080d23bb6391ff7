"""The texts of a split, given as ids -> the same texts in other ids, some thousands at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chatbot.text.tokenizer import Tokenizer

TOGETHER = 4096  # texts written anew at once

Integers = NDArray[np.integer[Any]]
Rows = tuple[NDArray[Any], NDArray[np.int64]]  # ids of some texts, and how many each text has


def read_texts(tokens: Integers, offsets: Integers, tokenizer: Tokenizer) -> Iterator[list[str]]:
    """The texts of ids [tokens] that begin at `offsets` [texts + 1], TOGETHER at a time."""
    for first in range(0, len(offsets) - 1, TOGETHER):
        bounds = offsets[first : first + TOGETHER + 1]
        ids = tokens[bounds[0] : bounds[-1]].tolist()
        yield [tokenizer.decode(ids[start:end]) for start, end in pairwise((bounds - bounds[0]).tolist())]


def rows_of(ids: Sequence[Sequence[int]], dtype: Any) -> Rows:
    """The ids of some texts as arrays."""
    return np.fromiter(chain.from_iterable(ids), dtype), np.array([len(row) for row in ids], np.int64)


def joined(rows: Iterable[Rows]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """All ids [tokens], and where each text begins [texts + 1]."""
    tokens, lengths = zip(*rows, strict=True)
    return np.concatenate(tokens), np.concatenate([[0], np.cumsum(np.concatenate(lengths))])
