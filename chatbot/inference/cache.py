"""A neural cache: what followed states like this one in the text at hand is more likely to follow again.

p(w) = (1 - weight) p_model(w) + weight p_cache(w), where p_cache(w) is the share of w in the sum over earlier moments i
of exp(flatness h . h_i), each counted for the id that followed it (Grave, Joulin & Usunier 2017, "Improving neural
language models with a continuous cache"). Nothing is trained.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from chatbot.inference.lstm import Floats, Ids
from chatbot.settings import setting


@dataclass(frozen=True, slots=True)
class CacheSettings:
    """How much the text at hand counts."""

    size: int = setting(500, "moments of the text that are remembered, the latest", minimum=1, maximum=100_000)
    weight: float = setting(0.1, "share of the cache in each probability", minimum=0.0, maximum=0.99)
    flatness: float = setting(0.3, "0 counts all moments alike, more prefers like states", minimum=0.0, maximum=100.0)


@dataclass(frozen=True, slots=True)
class Cache:
    """States [rows, moments, units] and the ids [rows, moments] that followed them; -1 where there is none."""

    states: Floats
    ids: Ids
    settings: CacheSettings

    @classmethod
    def of(cls, states: Sequence[Floats], followed: Sequence[Sequence[int]], settings: CacheSettings) -> Cache:
        """The cache after reading prompts: states [length, units] a prompt, each followed by one of its ids."""
        moments = min(settings.size, max((len(rows) for rows in states), default=0))
        kept = np.zeros((len(states), moments, states[0].shape[1]), np.float32)
        ids = np.full((len(states), moments), -1, np.int64)
        for row, (own, next_ids) in enumerate(zip(states, followed, strict=True)):
            last = min(len(own), moments)
            kept[row, moments - last :] = own[len(own) - last :]
            ids[row, moments - last :] = next_ids[len(next_ids) - last :]
        return cls(kept, ids, settings)

    def select(self, rows: Ids) -> Cache:
        """The cache whose row i is the old row `rows[i]`."""
        return replace(self, states=self.states[rows], ids=self.ids[rows])

    def after(self, states: Floats) -> Cache:
        """One moment more: states [rows, units], not yet followed by anything."""
        first = max(0, self.ids.shape[1] + 1 - self.settings.size)
        kept = np.concatenate([self.states[:, first:], states[:, None]], axis=1)
        ids = np.concatenate([self.ids[:, first:], np.full((len(states), 1), -1)], axis=1)
        return replace(self, states=kept, ids=ids)

    def followed_by(self, ids: Ids) -> Cache:
        """The same, now that ids [rows] have followed the latest moment."""
        known = self.ids.copy()
        known[:, -1:] = ids[:, None]
        return replace(self, ids=known)

    def mixed(self, log_probs: Floats, states: Floats) -> Floats:
        """Log-probabilities [rows, vocabulary] of model and cache together, after states [rows, units]."""
        real = self.ids >= 0
        likeness = np.where(real, self.settings.flatness * (self.states @ states[:, :, None])[:, :, 0], -np.inf)
        mixed = log_probs.copy()
        for row in np.flatnonzero(real.any(axis=1)):  # without a past, the model alone
            weights = np.exp(likeness[row] - likeness[row].max())
            cached = np.bincount(self.ids[row][real[row]], weights[real[row]], mixed.shape[1]) / weights.sum()
            share = self.settings.weight
            mixed[row] = np.log((1 - share) * np.exp(log_probs[row].astype(np.float64)) + share * cached)
        return mixed
