"""LSTM layers in NumPy: gates in the order input, forget, cell, output (Hochreiter & Schmidhuber 1997; as Keras).

Rows of a batch may end at different times: they are sorted by length and only those still running are computed, so
that padding costs nothing and changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chatbot.inference.product import product

Floats = NDArray[np.float32]
Ids = NDArray[np.int64]
Weights = dict[str, Floats]

_HALF = np.float32(0.5)


@dataclass(frozen=True, slots=True)
class LSTM:
    """One layer in one direction: kernel [inputs, 4 units], recurrent_kernel [units, 4 units], bias [4 units]."""

    kernel: Floats
    recurrent_kernel: Floats
    bias: Floats

    @classmethod
    def of(cls, weights: Weights, name: str) -> LSTM:
        """The layer whose weights are named `name`.kernel and so on."""
        return cls(*(weights[f"{name}.{part}"] for part in ("kernel", "recurrent_kernel", "bias")))

    @property
    def units(self) -> int:
        """Size of the hidden and of the cell state."""
        return len(self.recurrent_kernel)

    def project(self, inputs: Floats) -> Floats:
        """The inputs' part of the gates, bias added: [rows, inputs] -> [rows, 4 units]."""
        gates = product(inputs, self.kernel)
        gates += self.bias
        return gates

    def step(self, projected: Floats, hidden: Floats, cell: Floats) -> tuple[Floats, Floats]:
        """One time step: projected [rows, 4 units], hidden and cell [rows, units] -> new hidden and cell."""
        units = self.units
        gates = product(hidden, self.recurrent_kernel)  # [rows, 4 units]
        gates += projected
        gates[:, : 2 * units] *= _HALF  # sigmoid(x) = (1 + tanh(x / 2)) / 2, which cannot overflow
        gates[:, 3 * units :] *= _HALF
        np.tanh(gates, out=gates)
        gates[:, : 2 * units] += 1
        gates[:, 3 * units :] += 1
        new_cell = gates[:, units : 2 * units] * cell  # twice what is kept
        new_cell += gates[:, :units] * gates[:, 2 * units : 3 * units]
        new_cell *= _HALF
        new_hidden = np.tanh(new_cell)
        new_hidden *= gates[:, 3 * units :]
        new_hidden *= _HALF
        return new_hidden, new_cell

    def run(self, inputs: Floats, lengths: Ids, hidden: Floats, cell: Floats) -> tuple[Floats, Floats, Floats]:
        """Run over time; rows stand in order of falling length and each stops at its own.

        inputs [rows, time, inputs], lengths [rows], hidden and cell [rows, units] at the start ->
        outputs [rows, time, units] (zero after a row's end), hidden and cell at each row's end.
        """
        real = np.arange(inputs.shape[1])[:, None] < lengths  # [time, rows]
        moments, rows = np.nonzero(real)  # time by time: the rows of one moment stand together
        projected = self.project(inputs[rows, moments])  # [real positions, 4 units]
        packed = np.empty((len(rows), self.units), np.float32)
        hidden, cell = hidden.copy(), cell.copy()
        first = 0
        for running in real.sum(axis=1):
            some = slice(first, first + running)
            hidden[:running], cell[:running] = self.step(projected[some], hidden[:running], cell[:running])
            packed[some] = hidden[:running]
            first += running
        outputs = np.zeros((*inputs.shape[:2], self.units), np.float32)
        outputs[rows, moments] = packed
        return outputs, hidden, cell
