"""The LSTM recurrence with a gradient written by hand: input projections in, hidden and cell states out.

The time loop holds only what depends on the previous step. Input projections are one matrix product before the loop,
and the gradient of the recurrent kernel is one matrix product after the backward loop, where automatic differentiation
would add up one small product a step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras import ops

from chatbot.network.gradient import with_gradient
from chatbot.network.precision import Tensor, product

Scan = Callable[..., Any]  # has the signature of keras.ops.scan


def recur(
    projections: Tensor,
    mask: Tensor,
    kernel: Tensor,
    start: tuple[Tensor, Tensor],
    precision: str = "float32",
    scan: Scan = ops.scan,
) -> tuple[Tensor, Tensor]:
    """Run an LSTM over time (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000).

    `projections` [time, batch, 4 * units] are inputs times kernel plus bias, gates in the order i, f, c, o; `mask`
    [time, batch, 1] is 1 at real positions and 0 at padding, where the state stands still; `kernel` [units, 4 * units]
    is the recurrent one; `start` is the initial hidden and cell state, both [batch, units]. Returns hidden and cell
    states, both [time, batch, units].
    """

    @with_gradient
    def differentiable(projections: Tensor, kernel: Tensor, hidden: Tensor, cell: Tensor) -> Any:
        hiddens, cells, gates = _forward(projections, mask, kernel, (hidden, cell), precision, scan)

        def gradient(*upstream: Any) -> Any:
            d_hiddens, d_cells = upstream[0] if len(upstream) == 1 else upstream
            before_hidden = ops.concatenate([hidden[None], hiddens[:-1]], axis=0)  # [time, batch, units]
            before_cell = ops.concatenate([cell[None], cells[:-1]], axis=0)
            steps = (d_hiddens, d_cells, gates, before_cell, mask)
            d_projections, d_hidden, d_cell = _backward(steps, kernel, (hidden, cell), precision, scan)
            units, width = kernel.shape
            past = ops.transpose(ops.reshape(before_hidden, (-1, units)))  # [units, time * batch]
            d_kernel = product(past, ops.reshape(d_projections, (-1, width)), precision)
            return d_projections, d_kernel, d_hidden, d_cell

        return (hiddens, cells), gradient

    hiddens, cells = differentiable(projections, kernel, *start)
    return hiddens, cells


def _forward(
    projections: Tensor, mask: Tensor, kernel: Tensor, start: tuple[Tensor, Tensor], precision: str, scan: Scan
) -> tuple[Tensor, Tensor, Tensor]:
    """Hidden states, cell states [time, batch, units] and gate activations [time, batch, 4 * units]."""
    kernel = ops.cast(kernel, precision)

    def step(carry: Any, inputs: Any) -> Any:
        hidden, cell, _ = carry
        projection, real = inputs
        i, f, g, o = ops.split(projection + product(hidden, kernel, precision), 4, axis=-1)
        i, f, g, o = ops.sigmoid(i), ops.sigmoid(f), ops.tanh(g), ops.sigmoid(o)
        new_cell = f * cell + i * g
        new_hidden = o * ops.tanh(new_cell)
        gates = ops.concatenate([i, f, g, o], axis=-1)
        carry = (hidden + real * (new_hidden - hidden), cell + real * (new_cell - cell), gates)
        return carry, carry

    _, states = scan(step, (*start, ops.zeros_like(projections[0])), (projections, mask))
    hiddens, cells, gates = states
    return hiddens, cells, gates


def _backward(
    steps: tuple[Tensor, ...], kernel: Tensor, start: tuple[Tensor, Tensor], precision: str, scan: Scan
) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients by the projections [time, batch, 4 * units] and by the initial states [batch, units]."""
    transposed = ops.cast(ops.transpose(kernel), precision)

    def step(carry: Any, inputs: Any) -> Any:
        d_hidden, d_cell, _ = carry
        d_hidden_out, d_cell_out, gates, before, real = inputs
        d_hidden, d_cell = d_hidden + d_hidden_out, d_cell + d_cell_out
        d_gates, d_before = _step_gradient(gates, before, real * d_hidden, real * d_cell)
        d_hidden = d_hidden - real * d_hidden + product(d_gates, transposed, precision)
        carry = (d_hidden, d_cell - real * d_cell + d_before, d_gates)
        return carry, carry

    hidden, cell = start
    nothing = (ops.zeros_like(hidden), ops.zeros_like(cell), ops.zeros_like(steps[2][0]))
    (d_hidden, d_cell, _), (_, _, d_projections) = scan(step, nothing, steps, reverse=True)
    return d_projections, d_hidden, d_cell


def _step_gradient(gates: Tensor, before: Tensor, d_hidden: Tensor, d_cell: Tensor) -> tuple[Tensor, Tensor]:
    """Gradients of one step by its pre-activations [batch, 4 * units] and by the cell state before it."""
    i, f, g, o = ops.split(gates, 4, axis=-1)
    squashed = ops.tanh(f * before + i * g)
    d_cell = d_cell + d_hidden * o * (1.0 - squashed * squashed)
    d_gates = [
        d_cell * g * i * (1.0 - i),
        d_cell * before * f * (1.0 - f),
        d_cell * i * (1.0 - g * g),
        d_hidden * squashed * o * (1.0 - o),
    ]
    return ops.concatenate(d_gates, axis=-1), d_cell * f
