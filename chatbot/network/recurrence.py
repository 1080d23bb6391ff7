"""The LSTM recurrence with a gradient written by hand: inputs in, hidden and cell states out.

The time loop holds only what depends on the previous step. Input projections are one matrix product before the loop,
and the gradients of both kernels, of the bias and of the inputs one product each after the backward loop, where
automatic differentiation would add up one small product a step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from keras import ops

from chatbot.network.gradient import with_gradient
from chatbot.network.precision import Tensor, product

Scan = Callable[..., Any]  # has the signature of keras.ops.scan; what a step gives out is what it carries on


class Lstm(NamedTuple):
    """The weights of one LSTM, gates in the order i, f, c, o."""

    kernel: Tensor  # [inputs, 4 * units]
    recurrent: Tensor  # [units, 4 * units]
    bias: Tensor  # [4 * units]


def recur(
    inputs: Tensor,
    mask: Tensor | None,
    weights: Lstm,
    start: tuple[Tensor, Tensor] | None = None,
    precision: str = "float32",
    scan: Scan = ops.scan,
) -> tuple[Tensor, Tensor]:
    """Run an LSTM over time (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000).

    `inputs` [time, batch, inputs]; `mask` [time, batch, 1] is 1 at real positions and 0 at padding, where the state
    stands still, or None where it need not; `start` is the initial hidden and cell state, both [batch, units], zero
    if None. Returns hidden and cell states, both [time, batch, units].
    """
    if start is None:
        zero = ops.zeros((ops.shape(inputs)[1], weights.recurrent.shape[0]), dtype="float32")
        start = zero, zero

    @with_gradient
    def differentiable(inputs: Tensor, *given: Tensor) -> Any:
        lstm, hidden, cell = Lstm(*given[:3]), given[3], given[4]
        hiddens, cells, *gates = _forward(inputs, mask, lstm, (hidden, cell), precision, scan)

        def gradient(*upstream: Any) -> Any:
            d_hiddens, d_cells = upstream[0] if len(upstream) == 1 else upstream
            before = ops.concatenate([cell[None], cells[:-1]], axis=0)
            steps = (d_hiddens, d_cells, *gates, cells, before)
            d_gates, d_hidden, d_cell = _backward(steps, mask, lstm.recurrent, (hidden, cell), precision, scan)
            past = ops.concatenate([hidden[None], hiddens[:-1]], axis=0)  # [time, batch, units]
            return *_weight_gradients(inputs, past, d_gates, lstm, precision), d_hidden, d_cell

        return (hiddens, cells), gradient

    hiddens, cells = differentiable(inputs, *weights, *start)
    return hiddens, cells


def _forward(
    inputs: Tensor, mask: Tensor | None, lstm: Lstm, start: tuple[Tensor, Tensor], precision: str, scan: Scan
) -> Any:
    """Hidden states, cell states and the activations of the four gates, each [time, batch, units]."""
    recurrent = ops.cast(lstm.recurrent, precision)
    projections = product(inputs, lstm.kernel, precision) + lstm.bias  # [time, batch, 4 * units]

    def step(carry: Any, given: Any) -> Any:
        hidden, cell, *_ = carry
        i, f, g, o = ops.split(given[0] + product(hidden, recurrent, precision), 4, axis=-1)
        i, f, g, o = ops.sigmoid(i), ops.sigmoid(f), ops.tanh(g), ops.sigmoid(o)
        new_cell = f * cell + i * g
        new_hidden = o * ops.tanh(new_cell)
        if mask is not None:
            new_hidden, new_cell = hidden + given[1] * (new_hidden - hidden), cell + given[1] * (new_cell - cell)
        carry = (new_hidden, new_cell, i, f, g, o)
        return carry, carry

    nothing = [ops.zeros_like(start[1])] * 4
    _, states = scan(step, (*start, *nothing), (projections,) if mask is None else (projections, mask))
    return states


def _backward(
    steps: tuple[Tensor, ...],
    mask: Tensor | None,
    recurrent: Tensor,
    start: tuple[Tensor, Tensor],
    precision: str,
    scan: Scan,
) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients by the gates before their activation [time, batch, 4 * units], and by the initial states.

    `steps` are the gradients by hidden and cell states, the four gates, cell states and those before them.
    """
    transposed = ops.cast(ops.transpose(recurrent), precision)

    def step(carry: Any, given: Any) -> Any:
        d_hidden, d_cell, _ = carry
        d_hidden, d_cell = d_hidden + given[0], d_cell + given[1]
        passed = None
        if mask is not None:
            real = given[-1]
            passed = d_hidden - real * d_hidden, d_cell - real * d_cell
            d_hidden, d_cell = real * d_hidden, real * d_cell
        d_gates, d_cell = _step_gradient(given[2:8], d_hidden, d_cell)
        d_gates = ops.cast(d_gates, precision)
        d_hidden = product(d_gates, transposed, precision)
        if passed is not None:
            d_hidden, d_cell = d_hidden + passed[0], d_cell + passed[1]
        carry = (d_hidden, d_cell, d_gates)
        return carry, carry

    hidden, cell = start
    gates = ops.zeros((ops.shape(hidden)[0], recurrent.shape[1]), dtype=precision)
    nothing = (ops.zeros_like(hidden), ops.zeros_like(cell), gates)
    (d_hidden, d_cell, _), (_, _, d_gates) = scan(
        step, nothing, steps if mask is None else (*steps, mask), reverse=True
    )
    return d_gates, d_hidden, d_cell


def _step_gradient(step: tuple[Tensor, ...], d_hidden: Tensor, d_cell: Tensor) -> tuple[Tensor, Tensor]:
    """Gradients of one step by its gates before their activation [batch, 4 * units] and by the cell state before it."""
    i, f, g, o, cell, before = step
    squashed = ops.tanh(cell)  # wrong at padding, where `d_hidden` is 0
    d_cell = d_cell + d_hidden * o * (1.0 - squashed * squashed)
    d_gates = [
        d_cell * g * i * (1.0 - i),
        d_cell * before * f * (1.0 - f),
        d_cell * i * (1.0 - g * g),
        d_hidden * squashed * o * (1.0 - o),
    ]
    return ops.concatenate(d_gates, axis=-1), d_cell * f


def _weight_gradients(inputs: Tensor, past: Tensor, d_gates: Tensor, lstm: Lstm, precision: str) -> tuple[Tensor, ...]:
    """Gradients by the inputs [time, batch, inputs], both kernels and the bias, over all steps at once."""
    flat = ops.reshape(d_gates, (-1, lstm.kernel.shape[1]))  # [time * batch, 4 * units]
    rows = [ops.transpose(ops.reshape(one, (-1, one.shape[-1]))) for one in (inputs, past)]
    d_kernel, d_recurrent = (product(one, flat, precision) for one in rows)
    d_bias = product(ops.transpose(ops.ones_like(flat[:, :1])), flat, precision)[0]  # the sum over rows, as a product
    return product(d_gates, ops.transpose(lstm.kernel), precision), d_kernel, d_recurrent, d_bias
