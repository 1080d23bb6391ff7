"""Utterances as they are typed in a hurry: in small letters, without the mark at the end.

In: the ids of utterances, and their tokenizer. Out: the ids of the same, written so. Edited texts hold "How are you?";
who talks with a model types "how are you", and a network that never read that takes it for something strange.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

from chatbot.text.tokenizer import Tokenizer

TOGETHER = 4096  # utterances written anew at once
_CLOSING = re.compile(r"(?<=\w)\s*[.!?…]+$")


@dataclass(frozen=True, slots=True)
class Casual:
    """Utterances written so, and the share of the examples whose prompts are to be read in that form."""

    share: float
    tokens: NDArray[np.int32]  # [tokens]
    offsets: NDArray[np.int64]  # [utterances + 1]

    def text(self, utterance: int) -> list[int]:
        """The ids of one utterance."""
        start, end = self.offsets[utterance : utterance + 2].tolist()
        found: list[int] = self.tokens[start:end].tolist()
        return found


def casual_text(text: str) -> str:
    """The text in small letters, without the full stop, question or exclamation mark that follows its last word."""
    return _CLOSING.sub("", text.lower())


def casual_texts(
    tokens: NDArray[np.integer], offsets: NDArray[np.integer], tokenizer: Tokenizer, share: float
) -> Casual:
    """Utterances given as ids [tokens] and where each begins [utterances + 1], written anew."""
    parts: list[NDArray[np.int32]] = []
    lengths: list[int] = []
    for first in range(0, len(offsets) - 1, TOGETHER):
        bounds = offsets[first : first + TOGETHER + 1]
        whole = tokens[bounds[0] : bounds[-1]].tolist()
        rows = _written(whole, (bounds - bounds[0]).tolist(), tokenizer)
        parts.append(np.fromiter(chain.from_iterable(rows), np.int32))
        lengths.extend(map(len, rows))
    return Casual(share, np.concatenate(parts), np.concatenate([[0], np.cumsum(lengths)]))


def _written(ids: Sequence[int], bounds: Sequence[int], tokenizer: Tokenizer) -> list[list[int]]:
    return [tokenizer.encode(casual_text(tokenizer.decode(ids[start:end]))) for start, end in pairwise(bounds)]
