"""Texts -> windows that a language model learns from: ids, and the ids that come next.

A text longer than a window is cut into some; where the cuts are changes from epoch to epoch. For validation a window
begins with ids of the one before, which are read but not scored, so that its beginning is not guessed from nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from chatbot.data.batches import Batch, Sample
from chatbot.data.padding import padded
from chatbot.data.plan import in_order, shuffled
from chatbot.data.texts import TextSplit
from chatbot.text.special import BOS_ID, EOS_ID, PAD_ID

Spans = NDArray[np.int64]  # [windows, 3]: text, first and last + 1 of the ids that are scored; the last one is eos


class Windows:
    """The windows of one split, `length` ids each at most, in batches of `budget` padded ids.

    With `growing`, every id of every text makes a window of its own: all that stands before it, padded on the left.
    """

    def __init__(self, split: TextSplit, budget: int, length: int, growing: bool = False) -> None:
        self.split, self.budget, self.length, self.growing = split, budget, length, growing
        self.lengths = np.diff(split.offsets) + 1  # [texts], eos among them

    def epoch(self, number: int, seed: int) -> list[Spans]:
        """Every id once, cut and shuffled by the seed and the epoch's number."""
        generator = np.random.default_rng((seed, number))
        spans = self._growing() if self.growing else self._cut(generator)
        return [spans[members] for members in shuffled(self._sizes(spans), self.budget, generator)]

    def sample(self, most: int | None = None) -> Sample:
        """Every id of all texts, or of about `most` of them, evenly spread."""
        texts = np.arange(len(self.lengths))
        if most is not None and len(texts) > most:
            texts = texts[:: -(-len(texts) // most)]
        spans = self._cut(None)
        spans = spans[np.isin(spans[:, 0], texts)]
        plan = [spans[members] for members in in_order(self._sizes(spans) + self.length, self.budget)]
        return Sample(plan, int(self.split.bytes[texts].sum()), int(self.split.words[texts].sum()), len(texts))

    def collate(self, spans: Spans, context: int = 0) -> Batch:
        """Padded previous and next ids of some windows, `context` more read before each than are scored."""
        previous, following = [], []
        for text, first, end in spans.tolist():
            start = 0 if self.growing else max(0, first - context)
            ids = [BOS_ID, *self.split.ids(text).tolist(), EOS_ID]
            previous.append(ids[start:end])
            following.append([PAD_ID] * (first - start) + ids[first + 1 : end + 1])
        scored = int((spans[:, 2] - spans[:, 1]).sum())
        return Batch((padded(previous, self.growing), padded(following, self.growing)), scored)

    def collate_sample(self, spans: Spans) -> Batch:
        """As `collate`, for scoring: a window's length of the text before is read as well."""
        return self.collate(spans, self.length)

    def _cut(self, generator: np.random.Generator | None) -> Spans:
        """Windows of all texts; where a text needs several, the first one's length is drawn."""
        spans = []
        for text, length in enumerate(self.lengths.tolist()):
            cuts = np.arange(0, length, self.length)
            if generator is not None and len(cuts) > 1:
                cuts = np.arange(generator.integers(-self.length + 1, 1), length, self.length).clip(min=0)
            ends = [*cuts[1:], length]
            spans += [(text, first, end) for first, end in zip(cuts.tolist(), ends, strict=True)]
        return np.array(spans, dtype=np.int64)

    def _growing(self) -> Spans:
        """A window a token: text, its place, its place + 1."""
        return np.array([(t, i, i + 1) for t, n in enumerate(self.lengths.tolist()) for i in range(n)], dtype=np.int64)

    def _sizes(self, spans: Spans) -> NDArray[np.int32]:
        """Ids that each window holds, [windows, 1]."""
        first = 0 if self.growing else spans[:, 1]
        return np.asarray(spans[:, 2] - first, dtype=np.int32)[:, None]
