"""Texts cut into other pieces in every epoch: subword regularisation (Kudo 2018; Provilkov et al. 2020).

In: batches of a split, and a tokenizer that can cut a text in many ways. Out: batches of ids that say the same texts.
The pieces of the next epoch are drawn in a thread while this one is learned from.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from chatbot.data import rewriting
from chatbot.data.batches import Batch, Batched, Sample
from chatbot.data.dataset import Split
from chatbot.data.plan import Indices
from chatbot.data.texts import TextSplit
from chatbot.errors import ConfigError
from chatbot.text.sentencepiece_tokenizer import SentencePieceTokenizer
from chatbot.text.tokenizer import Tokenizer

S = TypeVar("S", bound=Split | TextSplit)


def sampler_of(tokenizer: Tokenizer) -> SentencePieceTokenizer:
    """The tokenizer as one that can cut a text in many ways; `ConfigError` where it cannot."""
    if not isinstance(tokenizer, SentencePieceTokenizer):
        raise ConfigError(
            f"training.subword_dropout: needs a sentencepiece tokenizer, but the data was prepared with tokenizer "
            f"{tokenizer.kind}; set it to 0, or prepare the data with --tokenizer sentencepiece"
        )
    return tokenizer


def cuts(split: S, tokenizer: SentencePieceTokenizer, dropout: float, seed: int) -> Iterator[rewriting.Rows]:
    """All texts of a split cut into pieces anew, some at a time; the same seed cuts the same."""
    seeds = np.random.SeedSequence(seed).generate_state(1 + len(split.bytes) // rewriting.TOGETHER)
    texts = rewriting.read_texts(split.tokens, split.offsets, tokenizer)
    for some, own in zip(texts, seeds.tolist(), strict=False):
        yield rewriting.rows_of(tokenizer.sample(some, dropout, own), split.tokens.dtype)


def cut_anew(split: S, drawn: Iterable[rewriting.Rows]) -> S:
    """The split with the pieces of `cuts`."""
    found = copy.copy(split)
    found.tokens, found.offsets = rewriting.joined(drawn)  # [tokens], [texts + 1]
    return found


class Resegmented(Generic[S]):
    """The batches of a split, cut anew for each epoch; `batches` makes them of a split."""

    def __init__(
        self, split: S, tokenizer: SentencePieceTokenizer, dropout: float, batches: Callable[[S], Batched]
    ) -> None:
        self.split, self.tokenizer, self.dropout, self.batches = split, tokenizer, dropout, batches
        self._now = batches(split)
        self._ahead: dict[int, S] = {}  # seed of an epoch -> what it learns from
        self._thread = threading.Thread()

    def epoch(self, number: int, seed: int) -> list[NDArray[np.int64]]:
        """What the batches of one epoch hold, whose pieces depend on the seed and the epoch's number alone."""
        if self._thread.ident is not None:
            self._thread.join()
        this, following = (int(np.random.SeedSequence((seed, n)).generate_state(1)[0]) for n in (number, number + 1))
        if this not in self._ahead:
            self._ahead[this] = cut_anew(self.split, cuts(self.split, self.tokenizer, self.dropout, this))
        self._now = self.batches(self._ahead.pop(this))
        self._ahead.clear()
        self._thread = threading.Thread(target=self._draw_ahead, args=(following,))
        self._thread.start()
        return self._now.epoch(number, seed)

    def sample(self, most: int | None = None) -> Sample:
        """As the batches under way; see `Batched`."""
        return self._now.sample(most)

    def collate(self, members: Indices) -> Batch:
        """The batch of one item of the latest `epoch`."""
        return self._now.collate(members)

    def collate_sample(self, members: Indices) -> Batch:
        """The batch of one item of a sample's plan."""
        return self._now.collate_sample(members)

    def _draw_ahead(self, seed: int) -> None:
        """Cut all texts for a later epoch; a process that ends does not wait for it."""
        drawn: list[rewriting.Rows] = []
        for cut in cuts(self.split, self.tokenizer, self.dropout, seed):
            if not threading.main_thread().is_alive():
                return
            drawn.append(cut)
        self._ahead[seed] = cut_anew(self.split, drawn)
