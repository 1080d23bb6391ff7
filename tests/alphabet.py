"""Models whose tokens are letters, so that what a search finds can be read: they know words and their probabilities."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from chatbot.decoding.hypothesis import Hypothesis
from chatbot.decoding.stepper import Floats, Ids
from chatbot.text.special import BOS_ID, EOS_ID, SPECIAL_PIECES

FIRST = len(SPECIAL_PIECES)

Next = Callable[[str, str], dict[str, float]]
"""(source, said so far) -> probability of each letter; "." is eos."""


def ids_of(text: str) -> list[int]:
    return [EOS_ID if letter == "." else FIRST + ord(letter) - ord("a") for letter in text]


def spelled(hypothesis: Hypothesis) -> str:
    """The letters, and a full stop where the hypothesis is finished."""
    letters = "".join(chr(token - FIRST + ord("a")) for token in hypothesis.ids)
    return letters + "." * hypothesis.finished


@dataclass(frozen=True)
class AlphabetState:
    """Each row's source and what it has said; attention is 1 on the source letter of the same place, or the last."""

    sources: tuple[str, ...]
    said: tuple[str, ...]
    width: int
    attention: Floats | None = None

    def select(self, rows: Ids) -> AlphabetState:
        attention = None if self.attention is None else self.attention[rows]
        return AlphabetState(
            tuple(self.sources[row] for row in rows), tuple(self.said[row] for row in rows), self.width, attention
        )


class Alphabet:
    """A stepper over `letters` letters; what `follows` does not name has probability 0."""

    def __init__(self, follows: Next, letters: int = 26) -> None:
        self.follows = follows
        self.vocabulary_size = FIRST + letters
        self.steps = 0
        self.rows = 0

    def start(self, sources: Sequence[Sequence[int]]) -> AlphabetState:
        texts = tuple("".join(chr(token - FIRST + ord("a")) for token in source) for source in sources)
        return AlphabetState(texts, ("",) * len(texts), max(map(len, texts), default=0))

    def step(self, previous_ids: Ids, state: AlphabetState) -> tuple[Floats, AlphabetState]:
        self.steps += 1
        self.rows += len(previous_ids)
        said = tuple(
            text if token == BOS_ID else text + chr(int(token) - FIRST + ord("a"))
            for text, token in zip(state.said, previous_ids, strict=True)
        )
        log_probs = np.full((len(said), self.vocabulary_size), -np.inf, np.float32)
        attention = np.zeros((len(said), state.width), np.float32)
        for row, (source, text) in enumerate(zip(state.sources, said, strict=True)):
            for letter, probability in self.follows(source, text).items():
                log_probs[row, ids_of(letter)] = np.log(probability)
            if source:
                attention[row, min(len(text), len(source) - 1)] = 1
        return log_probs, AlphabetState(state.sources, said, state.width, attention)


def knows(words: dict[str, float]) -> Next:
    """A model that says each word with its probability, whatever the source."""

    def follows(_: str, said: str) -> dict[str, float]:
        begun = {word + ".": p for word, p in words.items() if (word + ".").startswith(said)}
        total = sum(begun.values())
        found: dict[str, float] = {}
        for word, p in begun.items():
            found[word[len(said)]] = found.get(word[len(said)], 0) + p / total
        return found

    return follows


def babbles(seed: int, letters: int) -> Next:
    """A model that may say anything: its probabilities follow from the seed, the source and all that was said."""

    @cache
    def follows(source: str, said: str) -> dict[str, float]:
        random = np.random.default_rng([seed, *map(ord, source), 0, *map(ord, said)])
        odds = np.exp(random.normal(0, 2, letters + 1))
        return dict(zip("." + "abcdefghijklmnopqrstuvwxyz"[:letters], odds / odds.sum(), strict=True))

    return follows
