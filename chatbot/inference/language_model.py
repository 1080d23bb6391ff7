"""A language model in NumPy: a prompt -> state; previous ids and state -> log-probabilities of the next ids.

The mathematics is that of `chatbot.bundle.schema`. To decoding it looks like any other model: the source is the prompt
that the text goes on from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chatbot.bundle.config import LanguageModelSettings
from chatbot.inference.cache import Cache, CacheSettings
from chatbot.inference.encoder import padded
from chatbot.inference.lstm import LSTM, Floats, Ids, Weights
from chatbot.inference.product import Panels, product
from chatbot.inference.scoring import score
from chatbot.inference.seq2seq import log_softmax
from chatbot.text.special import BOS_ID


@dataclass(frozen=True, slots=True)
class LanguageModelState:
    """One row a text. hidden and cell are one array [rows, units] a layer.

    `pending` [rows] is the last id of each prompt, not yet fed; None once it was.
    """

    hidden: tuple[Floats, ...]
    cell: tuple[Floats, ...]
    pending: Ids | None = None
    cache: Cache | None = None

    @property
    def attention(self) -> None:
        """There is none."""
        return None

    def select(self, rows: Ids) -> LanguageModelState:
        """The state whose row i is the old row `rows[i]`."""
        hidden, cell = (tuple(layer[rows] for layer in part) for part in (self.hidden, self.cell))
        pending = None if self.pending is None else self.pending[rows]
        return LanguageModelState(hidden, cell, pending, None if self.cache is None else self.cache.select(rows))


class LanguageModelStepper:
    """The LSTM language model over float32 weights named as in `weight_shapes`."""

    def __init__(self, weights: Weights, network: LanguageModelSettings, cache: CacheSettings | None = None) -> None:
        self.network, self.weights, self.cache = network, weights, cache
        self.vocabulary_size = network.vocabulary_size
        self.layers = [LSTM.of(weights, f"lstm.{layer}") for layer in range(network.layers)]
        rows = weights["embedding" if network.tied else "output.kernel"]  # [vocabulary, inputs]
        self.output_kernel = Panels.of(rows.T)  # [inputs, vocabulary]
        projection = weights.get("projection.kernel")
        self.projection_kernel = None if projection is None else Panels.of(projection)  # [units, embedding]

    def start(self, sources: Sequence[Sequence[int]]) -> LanguageModelState:
        """Read prompts of any lengths; row i of the state belongs to prompt i. ValueError for an id out of range."""
        prompts = [[BOS_ID, *source] for source in sources]
        if any(not 0 <= i < self.vocabulary_size for prompt in prompts for i in prompt):
            raise ValueError(f"prompt ids must be from 0 to {self.vocabulary_size - 1}")
        states, hidden, cell = self._read([prompt[:-1] for prompt in prompts])
        pending = np.array([prompt[-1] for prompt in prompts], np.int64)
        cache = None if self.cache is None else Cache.of(states, [prompt[1:] for prompt in prompts], self.cache)
        return LanguageModelState(hidden, cell, pending, cache)

    def step(self, previous_ids: Ids, state: LanguageModelState) -> tuple[Floats, LanguageModelState]:
        """Feed one id a row (at first the prompt's last, whatever is given); log-probabilities of the next id.

        float32 [rows, vocabulary], and the new state.
        """
        ids = np.asarray(previous_ids) if state.pending is None else state.pending
        cache = state.cache if state.pending is not None or state.cache is None else state.cache.followed_by(ids)
        inputs = self.weights["embedding"][ids]  # [rows, embedding]
        hidden, cell = [], []
        for layer, old_hidden, old_cell in zip(self.layers, state.hidden, state.cell, strict=True):
            inputs, new_cell = layer.step(layer.project(inputs), old_hidden, old_cell)  # [rows, units]
            hidden.append(inputs)
            cell.append(new_cell)
        log_probs = log_softmax(self.logits(inputs))
        if cache is not None:
            log_probs, cache = cache.mixed(log_probs, inputs), cache.after(inputs)
        return log_probs, LanguageModelState(tuple(hidden), tuple(cell), None, cache)

    def score(self, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]) -> list[Floats]:
        """Log-probabilities float32 [len(target) + 1] of each target's ids, then eos, after its prompt; no cache."""
        return score(self, sources, targets)

    def forced(self, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]) -> tuple[Floats, ...]:
        """What `logits` reads before each id of each target, targets one after the other: states [ids, units]."""
        read = [[BOS_ID, *source, *target[:-1]] for source, target in zip(sources, targets, strict=True)]
        states, _, _ = self._read(read)
        return (
            np.concatenate([rows[len(rows) - len(target) :] for rows, target in zip(states, targets, strict=True)]),
        )

    def logits(self, states: Floats) -> Floats:
        """Output layer: top states [n, units] -> logits [n, vocabulary]."""
        if self.projection_kernel:
            states = product(states, self.projection_kernel)  # [n, embedding]
            states += self.weights["projection.bias"]
        logits = product(states, self.output_kernel)
        logits += self.weights["output.bias"]
        return logits

    def _read(self, prompts: Sequence[Sequence[int]]) -> tuple[list[Floats], tuple[Floats, ...], tuple[Floats, ...]]:
        """Feed whole prompts: top states of each, [length, units], and every layer's hidden and cell at its end."""
        lengths = np.array([len(prompt) for prompt in prompts], np.int64)
        order = np.argsort(-lengths, kind="stable")
        back = np.argsort(order)
        inputs = self.weights["embedding"][padded(prompts, lengths)[order]]  # [rows, time, embedding]
        hidden, cell = [], []
        for layer in self.layers:
            zeros = np.zeros((len(prompts), layer.units), np.float32)
            inputs, last_hidden, last_cell = layer.run(inputs, lengths[order], zeros, zeros)  # [rows, time, units]
            hidden.append(last_hidden[back])
            cell.append(last_cell[back])
        states = [rows[:length] for rows, length in zip(inputs[back], lengths, strict=True)]
        return states, tuple(hidden), tuple(cell)
