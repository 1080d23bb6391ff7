"""A dialogue model in NumPy: sources -> state; previous ids and state -> log-probabilities of the next ids.

The mathematics is that of `chatbot.bundle.schema`; the same network for training is in `chatbot.network`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chatbot.bundle.config import NetworkSettings
from chatbot.bundle.schema import NORM_EPSILON
from chatbot.inference.attention import Attention, Memory, slots_of
from chatbot.inference.encoder import Encoder, padded
from chatbot.inference.lstm import LSTM, Floats, Ids, Weights
from chatbot.inference.product import Panels, product
from chatbot.inference.projection import Projection
from chatbot.inference.scoring import score
from chatbot.text.special import BOS_ID


@dataclass(frozen=True, slots=True)
class Seq2SeqState:
    """One row a hypothesis. hidden and cell are one array [rows, units] a layer.

    Row i belongs to source `sources[i]` of the memory and is its hypothesis number `slots[i]`. `attention` is that of
    the last step, [rows, source_time], and `fed` its attentional vector, [rows, embedding], where the decoder reads it.
    """

    memory: Memory
    sources: Ids
    slots: Ids
    hidden: tuple[Floats, ...]
    cell: tuple[Floats, ...]
    attention: Floats | None = None
    fed: Floats | None = None

    def select(self, rows: Ids) -> Seq2SeqState:
        """The state whose row i is the old row `rows[i]`; sources without a row leave the memory."""
        rows = np.asarray(rows, np.int64)
        memory, sources, slots = self.memory, self.sources[rows], self.slots
        if not np.array_equal(sources, self.sources):
            kept, sources = np.unique(sources, return_inverse=True)
            memory = memory if len(kept) == len(memory.values) else memory.take(kept)
            slots = slots_of(sources)
        hidden, cell = (tuple(layer[rows] for layer in part) for part in (self.hidden, self.cell))
        attention, fed = (None if part is None else part[rows] for part in (self.attention, self.fed))
        return Seq2SeqState(memory, sources, slots, hidden, cell, attention, fed)


class Seq2SeqStepper:
    """The attention seq2seq LSTM over float32 weights named as in `weight_shapes`."""

    def __init__(self, weights: Weights, network: NetworkSettings) -> None:
        self.network = network
        self.vocabulary_size = network.vocabulary_size
        self.embedding = weights["embedding"]  # [vocabulary, embedding]
        self.encoder = Encoder(weights, network)
        self.attention = Attention(weights, network.attention)
        self.layers = [LSTM.of(weights, f"decoder.{layer}") for layer in range(network.decoder_layers)]
        if network.input_feeding:
            self.layers[0] = LSTM.fed(weights, "decoder.0", network.embedding_size)
        self.projection = Projection(self.embedding, self.layers[0])
        bridges = [f"bridge.{layer}.{part}" for layer in range(network.decoder_layers) for part in ("hidden", "cell")]
        self._dense = {name: Dense.of(weights, name) for name in (*bridges, "combine")}
        output = self.embedding if network.tied else weights["output.kernel"]  # [vocabulary, embedding]
        self.output = Dense(Panels.of(output.T), weights["output.bias"])

    def start(self, sources: Sequence[Sequence[int]]) -> Seq2SeqState:
        """Encode sources of any lengths; row i of the state belongs to source i. ValueError for an id out of range."""
        encoded = self.encoder.encode(sources)
        hidden, cell = [], []
        for layer in range(self.network.decoder_layers):
            hidden.append(np.tanh(self._dense[f"bridge.{layer}.hidden"](encoded.hidden)))  # [sources, units]
            cell.append(self._dense[f"bridge.{layer}.cell"](encoded.cell))
        memory = self.attention.remember(encoded.memory, encoded.mask)
        rows = np.arange(len(sources))
        fed = np.zeros((len(rows), self.network.embedding_size), np.float32) if self.network.input_feeding else None
        return Seq2SeqState(memory, rows, np.zeros_like(rows), tuple(hidden), tuple(cell), None, fed)

    def step(self, previous_ids: Ids, state: Seq2SeqState) -> tuple[Floats, Seq2SeqState]:
        """Feed one id a row; log-probabilities float32 [rows, vocabulary] of the next id, and the new state."""
        vectors, after = self._advance(previous_ids, state)
        return log_softmax(self.logits(vectors)), after

    def score(self, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]) -> list[Floats]:
        """Log-probabilities float32 [len(target) + 1] of each target's ids, then eos, given its source."""
        return score(self, sources, targets)

    def forced(self, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]) -> tuple[Floats]:
        """What `logits` reads before each id of each target, one target after the other: vectors [ids, embedding].

        Targets end with eos and stand in order of falling length.
        """
        lengths = np.array([len(target) for target in targets], np.int64)
        wanted = padded(targets, lengths)  # [rows, time]
        previous = np.concatenate([np.full((len(targets), 1), BOS_ID), wanted[:, :-1]], axis=1)
        real = np.arange(wanted.shape[1]) < lengths[:, None]  # [rows, time]
        state = self.start(sources)
        if state.fed is not None:
            return (self._step_by_step(previous, real, state),)
        states = self.embedding[previous]  # [rows, time, embedding]
        for layer, hidden, cell in zip(self.layers, state.hidden, state.cell, strict=True):
            states, _, _ = layer.run(states, lengths, hidden, cell)  # [rows, time, units]
        contexts, _ = self.attention.attend(states, state.memory)  # [rows, time, memory]
        return (self._vectors(states[real], contexts[real]),)

    def logits(self, vectors: Floats) -> Floats:
        """Output layer: attentional vectors [n, embedding] -> logits [n, vocabulary]."""
        return self.output(vectors)

    def _advance(self, previous_ids: Ids, state: Seq2SeqState) -> tuple[Floats, Seq2SeqState]:
        """Feed one id a row; the attentional vectors [rows, embedding], and the new state."""
        hidden: list[Floats] = []
        cell = []
        for layer, old_hidden, old_cell in zip(self.layers, state.hidden, state.cell, strict=True):
            projected = layer.project(hidden[-1]) if hidden else self.projection.of(previous_ids)  # [rows, 4 units]
            if not hidden and state.fed is not None:
                old_hidden = np.concatenate([old_hidden, state.fed], axis=1)  # [rows, units + embedding]
            new_hidden, new_cell = layer.step(projected, old_hidden, old_cell)  # [rows, units]
            hidden.append(new_hidden)
            cell.append(new_cell)
        contexts, attention = self._attend(hidden[-1], state)
        vectors = self._vectors(hidden[-1], contexts)
        fed = None if state.fed is None else vectors
        kept = state.memory, state.sources, state.slots
        return vectors, Seq2SeqState(*kept, tuple(hidden), tuple(cell), attention, fed)

    def _step_by_step(self, previous: Ids, real: NDArray[np.bool_], state: Seq2SeqState) -> Floats:
        """The vectors [ids, embedding] of a decoder that reads them; ids and which of them are real, [rows, time]."""
        vectors = np.empty((*previous.shape, self.network.embedding_size), np.float32)
        for moment, running in enumerate(real.sum(axis=0).tolist()):  # the first rows are the longest
            if running < len(state.sources):
                state = state.select(np.arange(running))
            vectors[:running, moment], state = self._advance(previous[:running, moment], state)
        return vectors[real]

    def _vectors(self, states: Floats, contexts: Floats) -> Floats:
        """Attentional vectors [n, embedding] of top decoder states [n, units] and contexts [n, memory]."""
        combined = self._dense["combine"](np.concatenate([states, contexts], axis=1))  # [n, embedding]
        return np.tanh(combined, out=combined)

    def _attend(self, queries: Floats, state: Seq2SeqState) -> tuple[Floats, Floats]:
        """Group the rows by source, attend, and ungroup: contexts [rows, memory] and weights [rows, source_time]."""
        groups, size = len(state.memory.values), int(state.slots.max(initial=0)) + 1
        if groups == 1:
            contexts, weights = self.attention.attend(queries[None], state.memory)
            return contexts[0], weights[0]
        place = (state.sources, state.slots)
        grouped = np.zeros((groups, size, queries.shape[1]), np.float32)
        grouped[place] = queries
        contexts, weights = self.attention.attend(grouped, state.memory)
        return contexts[place], weights[place]


@dataclass(frozen=True, slots=True)
class Dense:
    """A layer without activation; with a gain, its products are normalised first."""

    kernel: Panels
    bias: Floats
    gain: Floats | None = None

    @classmethod
    def of(cls, weights: Weights, name: str) -> Dense:
        """The layer whose weights are named `name`.kernel, `name`.bias and, if there is one, `name`.gain."""
        return cls(Panels.of(weights[f"{name}.kernel"]), weights[f"{name}.bias"], weights.get(f"{name}.gain"))

    def __call__(self, inputs: Floats) -> Floats:
        """Inputs [n, inputs] -> [n, units], a new array."""
        outputs = product(inputs, self.kernel)
        if self.gain is not None:
            outputs -= outputs.mean(axis=-1, keepdims=True)
            variance = np.square(outputs).mean(axis=-1, keepdims=True)
            outputs *= self.gain / np.sqrt(variance + np.float32(NORM_EPSILON))
        outputs += self.bias
        return outputs


def log_softmax(logits: Floats) -> Floats:
    """Log-softmax over the last axis, in place; shifted by the maximum so that nothing overflows."""
    logits -= logits.max(axis=-1, keepdims=True)
    logits -= np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    return logits
