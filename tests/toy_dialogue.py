"""A dialogue model without weights: letters for tokens, and log-probabilities that follow from the source."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chatbot.bundle.config import BundleConfig, NetworkSettings
from chatbot.data.context import ContextSettings
from chatbot.decoding.stepper import Floats, Ids
from chatbot.dialogue.model import Model
from chatbot.settings import DecodingSettings
from chatbot.text.special import EOS_ID, SPECIAL_PIECES

LETTERS = "abcdefghijklmnopqrstuvwxyz '"
FIRST = len(SPECIAL_PIECES)
SIZE = FIRST + len(LETTERS)


class LetterTokenizer:
    """One id a letter; what is no letter says nothing."""

    kind, file_name, size = "word", "letters.txt", SIZE

    def encode(self, text: str) -> list[int]:
        return [FIRST + LETTERS.index(c) for c in text.strip().lower() if c in LETTERS]

    def decode(self, ids: Iterable[int]) -> str:
        return "".join(self.pieces([i for i in ids if i >= FIRST]))

    def pieces(self, ids: Sequence[int]) -> list[str]:
        return [LETTERS[i - FIRST] if i >= FIRST else SPECIAL_PIECES[i] for i in ids]

    def to_bytes(self) -> bytes:
        return LETTERS.encode()


@dataclass(frozen=True)
class ToyState:
    """What each row's source adds up to, and how many tokens it has said."""

    sums: Ids
    said: int = 0
    attention: Floats | None = None

    def select(self, rows: Ids) -> ToyState:
        return ToyState(self.sums[rows], self.said)


class ToyStepper:
    """Random logits [rows, vocabulary] from (source, position, previous id); `end` is added to eos after two tokens."""

    def __init__(self, size: int = SIZE, end: float = 2.0) -> None:
        self.vocabulary_size, self.end = size, end
        self.sources: list[list[int]] = []

    def start(self, sources: Sequence[Sequence[int]]) -> ToyState:
        self.sources = [list(source) for source in sources]
        return ToyState(np.array([hash(tuple(source)) % 2**31 for source in sources], np.int64))

    def step(self, previous_ids: Ids, state: ToyState) -> tuple[Floats, ToyState]:
        rows = [self.logits(int(s), state.said, int(p)) for s, p in zip(state.sums, previous_ids, strict=True)]
        logits = np.array(rows, np.float32).reshape(len(rows), self.vocabulary_size)
        logits -= logits.max(axis=1, keepdims=True)
        log_probs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        return log_probs, ToyState(state.sums, state.said + 1)

    def logits(self, source: int, position: int, previous: int) -> Floats:
        logits = np.random.default_rng([source, position, previous]).normal(0, 2, self.vocabulary_size)
        logits[EOS_ID] += self.end if position > 1 else -20
        return logits.astype(np.float32)


def toy_model(
    stepper: ToyStepper | None = None,
    context: ContextSettings | None = None,
    fingerprint: str = "f" * 64,
    **decoding: Any,
) -> Model:
    """A model named "toy"; `decoding` are its default settings that differ from the usual ones."""
    config = BundleConfig(
        name="toy",
        task="dialogue",
        network=NetworkSettings(vocabulary_size=SIZE),
        context=context or ContextSettings(),
        tokenizer_kind="word",
        tokenizer_file="letters.txt",
        weights_dtype="float32",
    )
    settings = DecodingSettings(**{"max_length": 12, **decoding})
    return Model("toy", fingerprint, config, LetterTokenizer(), stepper or ToyStepper(), settings)
