"""Source ids -> what the decoder attends to and starts from: bidirectional LSTM layers, each from a row's true ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chatbot.bundle.config import NetworkSettings
from chatbot.inference.lstm import LSTM, Floats, Ids, Weights


@dataclass(frozen=True, slots=True)
class Encoded:
    """memory [sources, time, 2 units], mask [sources, time], the top layer's last hidden and cell [sources, 2 units].

    Both directions are joined, forward then backward; memory is zero at padding, mask is 1 at real positions.
    """

    memory: Floats
    mask: Floats
    hidden: Floats
    cell: Floats


class Encoder:
    """The encoder half of the network."""

    def __init__(self, weights: Weights, network: NetworkSettings) -> None:
        self.embedding = weights["embedding"]
        self.layers = Bidirectional(weights, network.encoder_layers)

    def encode(self, sources: Sequence[Sequence[int]]) -> Encoded:
        """Encode sources of any lengths, padded on the right; an empty source has a memory of nothing."""
        lengths = np.array([len(source) for source in sources], np.int64)
        ids = padded(sources, lengths)  # [sources, time]
        if ids.size and not 0 <= ids.min() <= ids.max() < len(self.embedding):
            raise ValueError(f"source ids must be from 0 to {len(self.embedding) - 1}")
        memory, hidden, cell = self.layers.run(self.embedding[ids], lengths)
        mask = (np.arange(ids.shape[1]) < lengths[:, None]).astype(np.float32)
        return Encoded(memory, mask, hidden, cell)


class Bidirectional:
    """Bidirectional LSTM layers, one on the other, named encoder.0.forward and so on."""

    def __init__(self, weights: Weights, layers: int) -> None:
        self.layers = [
            LSTM.of(weights, f"encoder.{layer}.forward", f"encoder.{layer}.backward") for layer in range(layers)
        ]

    def run(self, inputs: Floats, lengths: Ids) -> tuple[Floats, Floats, Floats]:
        """Outputs [rows, time, 2 units], and the top layer's last hidden and cell [rows, 2 units].

        `inputs` [rows, time, size] end after `lengths` [rows]; outputs are zero from there on.
        """
        order = np.argsort(-lengths, kind="stable")
        in_order, inputs = lengths[order], inputs[order]
        mirror = np.arange(len(inputs))[:, None], mirrored(in_order, inputs.shape[1])
        for layer in self.layers:
            zeros = np.zeros((2, len(inputs), layer.units), np.float32)
            (ahead, behind), *last = layer.run(np.stack([inputs, inputs[mirror]]), in_order, zeros, zeros)
            inputs = np.concatenate([ahead, behind[mirror]], axis=2)  # [rows, time, 2 units]
        back = np.argsort(order)
        hidden, cell = (np.concatenate(both, axis=1)[back] for both in last)  # [rows, 2 units]
        return inputs[back], hidden, cell


def padded(sequences: Sequence[Sequence[int]], lengths: Ids) -> Ids:
    """Ids [rows, longest], zero after each row's end; at least one column."""
    ids = np.zeros((len(sequences), max(1, int(lengths.max(initial=0)))), np.int64)
    for row, sequence in zip(ids, sequences, strict=True):
        row[: len(sequence)] = sequence
    return ids


def mirrored(lengths: Ids, time: int) -> Ids:
    """Index [rows, time] that reverses each row within its own length and leaves padding where it is."""
    moments = np.arange(time)
    return np.where(moments < lengths[:, None], lengths[:, None] - 1 - moments, moments)
