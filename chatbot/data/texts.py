"""Texts to go on from: written to the arrays of a split, and read back.

In: conversations of one utterance each, which is a text. Out: its ids, and what the audit counts of it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chatbot.corpus.conversation import Conversation
from chatbot.data.arrays import damaged, mapped
from chatbot.data.writing import Writing
from chatbot.text.words import count_words

Array = NDArray[Any]


class TextWriter(Writing):
    """Writes the texts of one split."""

    def add(self, conversation: Conversation) -> None:
        """Append the texts of a conversation."""
        for utterance in conversation.utterances:
            ids, text = self.tokenizer.encode(utterance.text), utterance.text
            if not ids:
                self.counts.dropped["texts: nothing in it"] += 1
                continue
            words = count_words(text)
            self.append(ids, text, words)
            self.writer.examples += 1
            self.audit.add_example("", text, words, len(ids))
        self.writer.conversations += 1


class TextSplit:
    """One of train, validation, test."""

    def __init__(self, name: str, folder: Path, counts: dict[str, Any], vocabulary_size: int) -> None:
        self.name = name
        arrays = mapped("generation", name, folder, counts, vocabulary_size)
        self.tokens = arrays["tokens"]  # [tokens]
        self.offsets = arrays["offsets"]  # [texts + 1]
        self.bytes = arrays["bytes"]  # [texts]
        self.words = arrays["words"]  # [texts]
        if self.offsets[0] != 0 or self.offsets[-1] != len(self.tokens) or np.any(np.diff(self.offsets) < 0):
            raise damaged(folder, name, "offsets")
        if int(self.tokens.max()) >= vocabulary_size:
            raise damaged(folder, name, "tokens")

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def ids(self, i: int) -> Array:
        """Ids of text `i`, without `<eos>`."""
        return self.tokens[self.offsets[i] : self.offsets[i + 1]]
