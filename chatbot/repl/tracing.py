"""A stepper that remembers every hypothesis it was asked about: what a search followed for a while, and dropped.

Stands between a search and its model, and sees no more than decoding.stepper says; so it fits any search.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from chatbot.decoding.stepper import Floats, Ids, State, Stepper


@dataclass(frozen=True, slots=True)
class Prefix:
    """The beginning of a hypothesis: its ids after bos, and the log-probability of each."""

    ids: tuple[int, ...] = ()
    log_probs: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class TracedState:
    """A state, what each of its rows has said, and the log-probabilities [rows, vocabulary] it chose from last."""

    inner: State
    rows: tuple[Prefix, ...]
    offered: Floats | None = None

    @property
    def attention(self) -> Floats | None:
        """As that of the state within."""
        return self.inner.attention

    def select(self, rows: Ids) -> TracedState:
        """As `State.select`."""
        offered = None if self.offered is None else self.offered[rows]  # [new rows, vocabulary]
        return TracedState(self.inner.select(rows), tuple(self.rows[row] for row in rows), offered)


@dataclass(slots=True)
class TracingStepper:
    """The stepper within, and all that was followed, in the order in which it was."""

    inner: Stepper
    followed: dict[tuple[int, ...], Prefix] = field(default_factory=dict)

    @property
    def vocabulary_size(self) -> int:
        """That of the stepper within."""
        return self.inner.vocabulary_size

    def start(self, sources: Sequence[Sequence[int]]) -> TracedState:
        """As `Stepper.start`."""
        return TracedState(self.inner.start(sources), tuple(Prefix() for _ in sources))

    def step(self, previous_ids: Ids, state: TracedState) -> tuple[Floats, TracedState]:
        """As `Stepper.step`."""
        rows = state.rows
        if (offered := state.offered) is not None:
            said = zip(rows, previous_ids.tolist(), np.arange(len(rows)), strict=True)
            rows = tuple(Prefix((*p.ids, i), (*p.log_probs, float(offered[row, i]))) for p, i, row in said)
            self.followed.update((prefix.ids, prefix) for prefix in rows)
        log_probs, inner = self.inner.step(previous_ids, state.inner)
        return log_probs, TracedState(inner, rows, log_probs)

    def dropped(self, found: Sequence[tuple[int, ...]]) -> list[Prefix]:
        """What was followed and led to nothing of `found`, up to where it was dropped; the longest first."""
        led_on = {ids[:end] for ids in (*self.followed, *found) for end in range(len(ids))} | set(found)
        ends = [prefix for ids, prefix in self.followed.items() if ids not in led_on]
        return sorted(ends, key=lambda prefix: (-len(prefix.ids), -sum(prefix.log_probs)))
