"""A split -> the batches of an epoch, in an order that a seed and the epoch's number fix.

Examples of like lengths are put together, so that little of a batch is padding; a batch holds a budget of tokens, not a
number of examples, so that every step costs about the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chatbot.data.context import ContextSettings
from chatbot.data.dataset import Split
from chatbot.data.padding import Ids, padded
from chatbot.text.special import EOS_ID, OTHER_ID

Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded ids, 0 at the end: `source_ids` [batch, source_time], `target_ids` [batch, target_time] closed by eos."""

    source_ids: Ids
    target_ids: Ids
    tokens: int  # real target ids, eos among them


class Batches:
    """The batches of one split under one budget; `cut` is the most target ids kept of a reply, eos among them.

    With `openers`, utterances that answer nothing are examples too, numbered after the others: their source is an
    empty turn of the other, one mark long.
    """

    def __init__(self, split: Split, context: ContextSettings, budget: int, cut: int, openers: bool = False) -> None:
        self.split, self.context, self.budget, self.cut = split, context, budget, cut
        self.openers = split.openers() if openers else np.zeros(0, dtype=np.int64)  # [openers]
        opening = np.diff(split.offsets)[self.openers]
        sources = np.concatenate([split.source_lengths(context), np.ones_like(opening)])
        self.sources = sources.astype(np.int32)  # [examples + openers]
        targets = np.concatenate([split.target_lengths(), opening]) + 1  # [examples + openers], eos among them
        self.targets = np.minimum(targets, cut).astype(np.int32)

    def in_order(self) -> list[Indices]:
        """Every example once, sorted by length: for validation."""
        return self._cut_up(self._by_length(np.arange(len(self.targets))))

    def epoch(self, number: int, seed: int, pool: int = 500) -> list[Indices]:
        """Every example once, shuffled: sorted by length only inside pools of about `pool` batches."""
        generator = np.random.default_rng((seed, number))
        shuffled = generator.permutation(len(self.targets))
        per_batch = max(1, self.budget // max(1, int(np.mean(self.sources + self.targets))))
        plan: list[Indices] = []
        for start in range(0, len(shuffled), pool * per_batch):
            members = shuffled[start : start + pool * per_batch]
            plan += self._cut_up(self._by_length(members))
        return [plan[i] for i in generator.permutation(len(plan))]

    def collate(self, members: Indices) -> Batch:
        """Padded arrays of some examples."""
        pairs = [self._pair(int(i)) for i in members]
        sources = [source for source, _ in pairs]
        targets = [[*target, EOS_ID][: self.cut] for _, target in pairs]
        return Batch(padded(sources), padded(targets), sum(map(len, targets)))

    def _pair(self, i: int) -> tuple[list[int], list[int]]:
        """Source and target ids of one example."""
        if i < len(self.split):
            return self.split.source(i, self.context), self.split.target(i).tolist()
        start, end = self.split.offsets[self.openers[i - len(self.split)] :][:2].tolist()
        return [OTHER_ID], self.split.tokens[start:end].tolist()

    def _by_length(self, members: Indices) -> Indices:
        """Sorted by target length in steps of two, then by source length: little padding on either side."""
        return members[np.lexsort((self.sources[members], self.targets[members] // 2))]

    def _cut_up(self, order: Indices) -> list[Indices]:
        """Consecutive groups whose padded size, rows times the longest source and target, keeps to the budget."""
        plan, start, widest = [], 0, np.zeros(2, dtype=np.int64)
        for position, example in enumerate(order):
            wider = np.maximum(widest, (self.sources[example], self.targets[example]))
            if position > start and (position - start + 1) * int(wider.sum()) > self.budget:
                plan.append(order[start:position])
                start, wider = position, np.array((self.sources[example], self.targets[example]), dtype=np.int64)
            widest = wider
        return [*plan, order[start:]] if len(order) else plan
