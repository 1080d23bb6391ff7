"""LSTM layers in NumPy: gates in the order input, forget, cell, output (Hochreiter & Schmidhuber 1997; as Keras).

Rows of a batch may end at different times: they are sorted by length and only those still running are computed, so
that padding costs nothing and changes nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from chatbot.inference.product import Panels, product

Floats = NDArray[np.float32]
Ids = NDArray[np.int64]
Weights = dict[str, Floats]

_HALF = np.float32(0.5)


class LSTM:
    """One layer in one direction, or several of equal size side by side: all arrays then have one axis more, the first.

    Of kernel [inputs, 4 units], recurrent_kernel [units, 4 units] and bias [4 units]. A recurrent kernel with more rows
    reads more than the hidden state: `step` is then given the two joined.
    """

    def __init__(self, kernel: Floats, recurrent_kernel: Floats, bias: Floats) -> None:
        self.units = recurrent_kernel.shape[-1] // 4
        scale = np.full(4 * self.units, _HALF)  # sigmoid(x) = (1 + tanh(x / 2)) / 2, which cannot overflow
        scale[2 * self.units : 3 * self.units] = 1
        self._kernel, self._recurrent_kernel = Panels.of(kernel * scale), Panels.of(recurrent_kernel * scale)
        self._bias = (bias * scale)[..., None, :]  # [..., 1, 4 units]

    @classmethod
    def of(cls, weights: Weights, *names: str) -> LSTM:
        """The layer whose weights are named `name`.kernel and so on; of several names, several side by side."""
        parts = ("kernel", "recurrent_kernel", "bias")
        found = [[weights[f"{name}.{part}"] for name in names] for part in parts]
        return cls(*(arrays[0] if len(names) == 1 else np.stack(arrays) for arrays in found))

    @classmethod
    def fed(cls, weights: Weights, name: str, inputs: int) -> LSTM:
        """The layer of that name: `project` reads the first `inputs` of its inputs, `step` [hidden ; the others]."""
        kernel, recurrent = weights[f"{name}.kernel"], weights[f"{name}.recurrent_kernel"]
        return cls(kernel[:inputs], np.concatenate([recurrent, kernel[inputs:]]), weights[f"{name}.bias"])

    def project(self, inputs: Floats) -> Floats:
        """The inputs' part of the gates for `step`: [..., rows, inputs] -> [..., rows, 4 units]."""
        gates = product(inputs, self._kernel)
        gates += self._bias
        return gates

    def step(self, projected: Floats, hidden: Floats, cell: Floats) -> tuple[Floats, Floats]:
        """One time step: projected [..., rows, 4 units], hidden and cell [..., rows, units] -> new hidden and cell."""
        units = self.units
        gates = product(hidden, self._recurrent_kernel)  # [..., rows, 4 units]
        gates += projected
        np.tanh(gates, out=gates)
        gates[..., : 2 * units] += 1  # sigmoids, twice
        gates[..., 3 * units :] += 1
        new_cell = gates[..., units : 2 * units] * cell
        new_cell += gates[..., :units] * gates[..., 2 * units : 3 * units]
        new_cell *= _HALF
        new_hidden = np.tanh(new_cell)
        new_hidden *= gates[..., 3 * units :]
        new_hidden *= _HALF
        return new_hidden, new_cell

    def run(self, inputs: Floats, lengths: Ids, hidden: Floats, cell: Floats) -> tuple[Floats, Floats, Floats]:
        """Run over time; rows stand in order of falling length and each stops at its own.

        inputs [..., rows, time, inputs], lengths [rows], hidden and cell [..., rows, units] at the start ->
        outputs [..., rows, time, units] (zero after a row's end), hidden and cell at each row's end.
        """
        real = np.arange(inputs.shape[-2])[:, None] < lengths  # [time, rows]
        moments, rows = np.nonzero(real)  # time by time: the rows of one moment stand together
        projected = self.project(inputs[..., rows, moments, :])  # [..., real positions, 4 units]
        packed = np.empty((*projected.shape[:-1], self.units), np.float32)
        hidden, cell = hidden.copy(), cell.copy()
        first = 0
        for running in real.sum(axis=1).tolist():
            now, some = (..., slice(first, first + running), slice(None)), (..., slice(running), slice(None))
            hidden[some], cell[some] = self.step(projected[now], hidden[some], cell[some])
            packed[now] = hidden[some]
            first += running
        outputs = np.zeros((*inputs.shape[:-1], self.units), np.float32)
        outputs[..., rows, moments, :] = packed
        return outputs, hidden, cell
