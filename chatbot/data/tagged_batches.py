"""Tagged sentences -> batches: ids of words, of their characters, and of their tags."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chatbot.data.batches import Batch, Sample
from chatbot.data.padding import Ids, padded
from chatbot.data.plan import Indices, in_order, shuffled
from chatbot.data.sentences import SentenceSplit
from chatbot.text.special import UNK_ID

RARE_UNKNOWN = 0.5  # how often a word that the training split has once is read as unknown (Lample et al. 2016)


class TaggedBatches:
    """The sentences of a split in batches of `budget` padded words; with `rare`, words seen once often are unknown."""

    def __init__(self, split: SentenceSplit, tags: Sequence[str], budget: int, rare: bool = False) -> None:
        self.split, self.tags, self.budget, self.number, self.seed = split, tags, budget, 0, 0
        self.sizes = np.diff(split.offsets).astype(np.int32)[:, None]  # [sentences, 1]
        counts = np.bincount(split.tokens, minlength=1) if rare else np.zeros(0, np.int64)
        self.rare = counts == 1  # [ids]

    def epoch(self, number: int, seed: int) -> list[Indices]:
        """Every sentence once, shuffled by the seed and the epoch's number."""
        self.number, self.seed = number, seed
        return shuffled(self.sizes, self.budget, np.random.default_rng((seed, number)))

    def sample(self, most: int | None = None) -> Sample:
        """Every sentence: there are never too many."""
        plan = in_order(self.sizes, self.budget)
        return Sample(plan, int(self.split.bytes.sum()), int(self.split.words.sum()), len(self.split))

    def collate(self, members: Indices) -> Batch:
        """Padded ids of some sentences; which rare words are unknown depends on seed, epoch and batch alone."""
        generator = np.random.default_rng((self.seed, self.number, int(members[0])))
        return self._batch(members, generator)

    def collate_sample(self, members: Indices) -> Batch:
        """As `collate`, all words as they are."""
        return self._batch(members, None)

    def _batch(self, members: Indices, generator: np.random.Generator | None) -> Batch:
        sentences = [self.split.sentence(int(i)) for i in members]
        words = padded([ids for ids, _, _ in sentences])
        if generator is not None and self.rare.any():
            unknown = self.rare[words] & (generator.random(words.shape) < RARE_UNKNOWN)
            words = np.where(unknown, np.int32(UNK_ID), words)
        tags = padded([[tag + 1 for tag in ids] for _, _, ids in sentences])
        characters = padded_characters([spelled for _, spelled, _ in sentences])
        return Batch((words, characters, tags), sum(len(ids) for ids, _, _ in sentences))


def padded_characters(sentences: Sequence[Sequence[Sequence[int]]]) -> Ids:
    """Ids [sentences, words, characters] of the characters of each word, filled up with 0."""
    rows = padded([word for sentence in sentences for word in sentence])  # [all words, characters]
    most = max(1, max(map(len, sentences), default=1))
    found = np.zeros((len(sentences), most, rows.shape[1]), np.int32)
    first = 0
    for place, sentence in enumerate(sentences):
        found[place, : len(sentence)] = rows[first : first + len(sentence)]
        first += len(sentence)
    return found
