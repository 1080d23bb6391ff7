"""Embedded source -> memory: bidirectional LSTM layers, and their final states."""

from __future__ import annotations

from collections.abc import Mapping

from keras import ops

from chatbot.network.precision import Tensor
from chatbot.network.recurrence import Lstm, Scan, recur


def lstm(weights: Mapping[str, Tensor], name: str) -> Lstm:
    """The weights of the LSTM of that name."""
    return Lstm(*(weights[f"{name}.{part}"] for part in ("kernel", "recurrent_kernel", "bias")))


def encode(
    weights: Mapping[str, Tensor], layers: int, inputs: Tensor, mask: Tensor, precision: str, scan: Scan
) -> tuple[Tensor, Tensor, Tensor]:
    """Memory [time, batch, 2 * units] and final hidden and cell states [batch, 2 * units], forward then backward.

    `inputs` [time, batch, embedding], `mask` [time, batch, 1]. Padding stands at the end: the forward state stays as it
    was at the last real position, and the backward one starts there, for it is still zero.
    """
    hidden = cell = None
    for layer in range(layers):
        outputs, ends = [], []
        for direction in ("forward", "backward"):
            back = direction == "backward"
            read, real = (ops.flip(one, axis=0) if back else one for one in (inputs, mask))
            hiddens, cells = recur(read, real, lstm(weights, f"encoder.{layer}.{direction}"), None, precision, scan)
            outputs.append(ops.flip(hiddens, axis=0) if back else hiddens)
            ends.append((hiddens[-1], cells[-1]))
        inputs = ops.concatenate(outputs, axis=-1)
        hidden, cell = (ops.concatenate(parts, axis=-1) for parts in zip(*ends, strict=True))
    return inputs, hidden, cell
