"""All that decoding knows of a model: something that starts from sources and answers one step at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ids = NDArray[np.int64]


class State(Protocol):
    """What a decoder remembers between two steps, one row a hypothesis."""

    @property
    def attention(self) -> Floats | None:
        """Attention weights of the last step, [rows, source_time], rows sum to 1; None before the first step."""
        ...

    def select(self, rows: Ids) -> Self:
        """The state whose row i is the old row `rows[i]`; rows may repeat or vanish."""
        ...


class Stepper(Protocol):
    """A model as decoding sees it. Vocabulary ids 0..3 are pad, unk, bos, eos."""

    @property
    def vocabulary_size(self) -> int:
        """Number of ids."""
        ...

    def start(self, sources: Sequence[Sequence[int]]) -> State:
        """Encode sources of any lengths; row i of the state belongs to source i."""
        ...

    def step(self, previous_ids: Ids, state: State) -> tuple[Floats, State]:
        """Feed one id a row; log-probabilities float32 [rows, vocabulary] of the next id, and the new state."""
        ...


class Scorer(Stepper, Protocol):
    """A stepper that can also be asked how likely given replies are."""

    def score(self, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]) -> list[Floats]:
        """Log-probabilities float32 [len(target) + 1] of each target's ids, then eos, given its source."""
        ...
