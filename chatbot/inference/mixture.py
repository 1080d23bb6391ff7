"""A network and an n-gram model together: p(w) = (1 - share) p_network(w) + share p_ngram(w).

The network knows the source and all of the reply so far; the n-gram model knows which few ids follow each other, even
where that was seen only once. Together they foresee more than either (Mikolov et al. 2011, "Empirical evaluation and
combination of advanced language modeling techniques").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chatbot.inference.lstm import Floats, Ids
from chatbot.inference.seq2seq import Seq2SeqState, Seq2SeqStepper
from chatbot.ngram.kneser_ney import joined
from chatbot.ngram.mixing import mixed
from chatbot.ngram.table import NgramTable
from chatbot.text.special import BOS_ID


@dataclass(frozen=True, slots=True)
class MixedState:
    """The network's state, and what the table remembers of each row: [rows, orders]."""

    network: Seq2SeqState
    nodes: Ids

    @property
    def attention(self) -> Floats | None:
        """The network's, of the last step."""
        return self.network.attention

    def select(self, rows: Ids) -> MixedState:
        """The state whose row i is the old row `rows[i]`."""
        return MixedState(self.network.select(rows), self.nodes[rows])


class MixedStepper:
    """A network and the n-gram table of its bundle; to decoding they are one model."""

    def __init__(self, network: Seq2SeqStepper, table: NgramTable, share: float) -> None:
        self.network, self.table, self.share = network, table, share
        self.vocabulary_size = network.vocabulary_size

    def start(self, sources: Sequence[Sequence[int]]) -> MixedState:
        """Encode sources of any lengths; row i of the state belongs to source i."""
        return MixedState(self.network.start(sources), self.table.start(len(sources)))

    def step(self, previous_ids: Ids, state: MixedState) -> tuple[Floats, MixedState]:
        """Feed one id a row; log-probabilities float32 [rows, vocabulary] of the next id, and the new state."""
        log_probs, after = self.network.step(previous_ids, state.network)
        nodes = self.table.after(state.nodes, previous_ids)
        both = np.exp(log_probs, out=log_probs)
        both *= np.float32(1 - self.share)
        both += self.table.probabilities(nodes) * np.float32(self.share)
        return np.log(both, out=both), MixedState(after, nodes)

    def score(self, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]) -> list[Floats]:
        """Log-probabilities float32 [len(target) + 1] of each target's ids, then eos, given its source."""
        ids = joined(targets)
        known = self.table.log_probs(ids)
        found = []
        begins = np.flatnonzero(ids == BOS_ID) + 1
        for own, first in zip(self.network.score(sources, targets), begins, strict=True):
            found.append(mixed(own, known[first : first + len(own)], self.share).astype(np.float32))
        return found
