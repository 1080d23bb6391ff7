"""Utterances as they are typed in a hurry: in small letters, without the mark at the end.

In: the ids of utterances, and their tokenizer. Out: the ids of the same, written so. Edited texts hold "How are you?";
who talks with a model types "how are you", and a network that never read that takes it for something strange.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chatbot.data.rewriting import Integers, joined, read_texts, rows_of
from chatbot.text.tokenizer import Tokenizer

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


def casual_texts(tokens: Integers, offsets: Integers, tokenizer: Tokenizer, share: float) -> Casual:
    """Utterances given as ids [tokens] and where each begins [utterances + 1], written anew."""
    written = (map(tokenizer.encode, map(casual_text, texts)) for texts in read_texts(tokens, offsets, tokenizer))
    return Casual(share, *joined(rows_of(list(ids), np.int32) for ids in written))
