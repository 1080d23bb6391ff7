"""Embedded source -> memory: bidirectional LSTM layers, and their final states."""

from __future__ import annotations

from collections.abc import Mapping

from keras import ops

from chatbot.network.precision import Tensor, product
from chatbot.network.recurrence import Scan, recur


def project(inputs: Tensor, weights: Mapping[str, Tensor], name: str, precision: str) -> Tensor:
    """Inputs [time, batch, inputs] times an LSTM's kernel plus bias, [time, batch, 4 * units], in one product."""
    return product(inputs, weights[f"{name}.kernel"], precision) + weights[f"{name}.bias"]


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
            name = f"encoder.{layer}.{direction}"
            projections = project(inputs, weights, name, precision)
            back = direction == "backward"
            real = ops.flip(mask, axis=0) if back else mask
            kernel = weights[f"{name}.recurrent_kernel"]
            zero = ops.zeros_like(projections[0, :, : kernel.shape[0]])
            hiddens, cells = recur(
                ops.flip(projections, axis=0) if back else projections, real, kernel, (zero, zero), precision, scan
            )
            outputs.append(ops.flip(hiddens, axis=0) if back else hiddens)
            ends.append((hiddens[-1], cells[-1]))
        inputs = ops.concatenate(outputs, axis=-1)
        hidden, cell = (ops.concatenate(parts, axis=-1) for parts in zip(*ends, strict=True))
    return inputs, hidden, cell
