"""A split -> the batches of an epoch, in an order that a seed and the epoch's number fix.

Which examples make a batch is for `chatbot.data.plan` to say.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from chatbot.data.casual import Casual
from chatbot.data.context import ContextSettings
from chatbot.data.dataset import Split
from chatbot.data.padding import Ids, padded
from chatbot.data.plan import Indices, drawn, in_order, shuffled
from chatbot.text.special import EOS_ID, OTHER_ID


@dataclass(frozen=True, slots=True)
class Batch:
    """What a network reads, padded ids; for exchanges [batch, source_time] and [batch, target_time] closed by eos."""

    arrays: tuple[Ids, ...]
    tokens: int  # real target ids, eos among them


@dataclass(frozen=True, slots=True)
class Sample:
    """Batches to validate on, and how much text their targets are."""

    plan: Sequence[NDArray[np.int64]]
    bytes: int
    words: int
    examples: int


class Batched(Protocol):
    """A split cut into batches, of whatever task."""

    @property
    def split(self) -> Any:
        """The split; its length is its number of examples."""
        ...

    def epoch(self, number: int, seed: int) -> list[NDArray[np.int64]]:
        """What each batch of an epoch holds, in order."""
        ...

    def sample(self, most: int | None = None) -> Sample:
        """All examples, or about `most` of them, evenly spread, in order of length."""
        ...

    def collate(self, members: NDArray[np.int64]) -> Batch:
        """The batch of one item of `epoch`."""
        ...

    def collate_sample(self, members: NDArray[np.int64]) -> Batch:
        """The batch of one item of a sample's plan."""
        ...


class Batches:
    """The batches of one split under one budget; `cut` is the most target ids kept of a reply, eos among them.

    With `openers`, utterances that answer nothing are examples too, numbered after the others: their source is an
    empty turn of the other, one mark long. `weights` [examples + openers] say how often an epoch draws each of them.
    With `casual`, a share of the examples, others in each epoch, is read as if the other one had typed in a hurry.
    """

    def __init__(
        self,
        split: Split,
        context: ContextSettings,
        budget: int,
        cut: int,
        openers: bool = False,
        weights: NDArray[np.float32] | None = None,
        casual: Casual | None = None,
    ) -> None:
        self.split, self.context, self.budget, self.cut = split, context, budget, cut
        self.openers = split.openers() if openers else np.zeros(0, dtype=np.int64)  # [openers]
        self.weights, self.casual = weights, casual
        opening = np.diff(split.offsets)[self.openers]
        sources = np.concatenate([split.source_lengths(context), np.ones_like(opening)])
        targets = np.concatenate([split.target_lengths(), opening]) + 1  # [examples + openers], eos among them
        self.sizes = np.stack([sources, np.minimum(targets, cut)], axis=1).astype(np.int32)  # [examples + openers, 2]
        self._hurried = np.zeros(len(self.sizes), dtype=bool)  # [examples + openers], of the latest epoch

    def epoch(self, number: int, seed: int) -> list[Indices]:
        """Every example once, or as its weight says, shuffled by the seed and the epoch's number."""
        generator = np.random.default_rng((seed, number))
        if self.casual is not None:
            self._hurried = np.random.default_rng((seed, number, 1)).random(len(self.sizes)) < self.casual.share
        members = None if self.weights is None else drawn(self.weights, generator)
        return shuffled(self.sizes, self.budget, generator, members)

    def sample(self, most: int | None = None) -> Sample:
        """Every example, or about `most` of them, sorted by length."""
        plan, examples = in_order(self.sizes, self.budget), len(self.sizes)
        if most is not None and examples > most:
            stride = math.ceil(examples / most)
            plan = [kept for members in plan if len(kept := members[members % stride == 0])]
        chosen = np.concatenate(plan)
        size, words = self.split.reply_bytes()[chosen].sum(), self.split.reply_words()[chosen].sum()
        return Sample(plan, int(size), int(words), len(chosen))

    def collate_sample(self, members: Indices) -> Batch:
        """As `collate`."""
        return self.collate(members)

    def collate(self, members: Indices) -> Batch:
        """Padded arrays of some examples."""
        pairs = [self._pair(int(i)) for i in members]
        sources = [source for source, _ in pairs]
        targets = [[*target, EOS_ID][: self.cut] for _, target in pairs]
        return Batch((padded(sources), padded(targets)), sum(map(len, targets)))

    def _pair(self, i: int) -> tuple[list[int], list[int]]:
        """Source and target ids of one example."""
        if i < len(self.split):
            heard = self.casual if self._hurried[i] else None
            return self.split.source(i, self.context, heard), self.split.target(i).tolist()
        start, end = self.split.offsets[self.openers[i - len(self.split)] :][:2].tolist()
        return [OTHER_ID], self.split.tokens[start:end].tolist()
