"""Decoding with input feeding (Luong et al. 2015, section 3.3): the first layer reads the last attentional vector, too.

Attention then belongs to the recurrence: all goes step by step, in one scan, differentiated automatically. Outside it
stay the products of the embedded previous ids and of the memory, each with its part of the kernels. Kernels are rounded
to the precision inside it, so that their gradients add up in float32.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from keras import ops

from chatbot.bundle.config import NetworkSettings
from chatbot.network.attention import FAR_BELOW
from chatbot.network.decoder import first_state
from chatbot.network.normalisation import normalised
from chatbot.network.precision import Tensor, product
from chatbot.network.recurrence import Scan

Weights = Mapping[str, Tensor]


class Source(NamedTuple):
    """What a step reads of the memory."""

    keys: Tensor  # [batch, units or attention, source_time]
    values: Tensor  # [batch, source_time, embedding], each position's part of the combined vector
    padding: Tensor  # [batch, source_time], FAR_BELOW at padding, else 0


def feed(
    weights: Weights,
    network: NetworkSettings,
    inputs: Tensor,
    ends: tuple[Tensor, Tensor],
    source: Source,
    noise: tuple[Tensor, ...],
    precision: str,
    scan: Scan,
) -> Tensor:
    """Attentional vectors [time, batch, embedding].

    `inputs` [time, batch, embedding] are the embedded previous ids, `ends` the encoder's final hidden and cell states
    [batch, memory]. `noise` holds nothing, or dropout's factors for the top layer's states [time, batch, units] and for
    the vectors [time, batch, embedding], which the next step reads as the output layer does.
    """
    size, layers = network.embedding_size, range(network.decoder_layers)
    first = product(inputs, weights["decoder.0.kernel"][:size], precision) + weights["decoder.0.bias"]
    kernels = [_joined_kernel(weights, layer, size) for layer in layers]

    def step(carry: Any, given: Any) -> Any:
        below, states, (gates, *noise) = carry[0], carry[1:], given
        after = []
        for layer, kernel in enumerate(kernels):
            hidden, cell = states[2 * layer : 2 * layer + 2]
            added = weights[f"decoder.{layer}.bias"] if layer else gates
            below, cell = _lstm(product(ops.concatenate([below, hidden], axis=-1), kernel, precision) + added, cell)
            after += [below, cell]
        vector = _attentional(weights, network, below * noise[0] if noise else below, source, precision)
        carry = (vector * noise[1] if noise else vector, *after)
        return carry, carry

    begun = [state for layer in layers for state in first_state(weights, layer, ends, precision)]
    nothing = ops.zeros((ops.shape(inputs)[1], size), dtype="float32")
    _, (vectors, *_) = scan(step, (nothing, *begun), (first, *noise))
    return vectors


def read_once(weights: Weights, kind: str, memory: Tensor, mask: Tensor, precision: str) -> Source:
    """What steps read of a memory [batch, source_time, memory]; `mask` [batch, source_time] is 1 at real positions.

    A score h W . m_s is h . (m_s W^T), and a context's part of the combined vector is the sum of its positions'.
    """
    keys = memory
    if kind == "general":
        keys = product(memory, ops.transpose(weights["attention.kernel"]), precision)
    elif kind == "additive":
        keys = product(memory, weights["attention.memory_kernel"], precision) + weights["attention.bias"]
    combine = weights["combine.kernel"]
    values = product(memory, combine[combine.shape[0] - memory.shape[-1] :], precision)
    return Source(ops.transpose(keys, (0, 2, 1)), values, (1.0 - mask) * FAR_BELOW)


def _attentional(weights: Weights, network: NetworkSettings, state: Tensor, source: Source, precision: str) -> Tensor:
    """The attentional vectors [batch, embedding] of the top layer's states [batch, units]."""
    if network.attention == "additive":
        query = product(state, weights["attention.query_kernel"], precision)[:, :, None]
        scores = ops.sum(ops.tanh(query + source.keys) * weights["attention.energy"][:, None], axis=1)
    else:
        scores = product(state[:, None, :], source.keys, precision)[:, 0]  # [batch, source_time]
    attention = ops.softmax(scores + source.padding, axis=-1)[:, None, :]
    own = weights["combine.kernel"][: network.decoder_units]
    combined = product(state, own, precision) + product(attention, source.values, precision)[:, 0]
    if network.layer_norm:
        combined = normalised(combined, weights["combine.gain"])
    return ops.tanh(combined + weights["combine.bias"])


def _joined_kernel(weights: Weights, layer: int, size: int) -> Tensor:
    """What a layer's step multiplies [what is below ; hidden] with, [inputs + units, 4 * units]; but the ids' rows."""
    kernel = weights[f"decoder.{layer}.kernel"]
    below = kernel if layer else kernel[size:]
    return ops.concatenate([below, weights[f"decoder.{layer}.recurrent_kernel"]], axis=0)


def _lstm(gates: Tensor, cell: Tensor) -> tuple[Tensor, Tensor]:
    """Hidden and cell state [batch, units] after a step; `gates` [batch, 4 * units] before their activation."""
    i, f, g, o = ops.split(gates, 4, axis=-1)
    cell = ops.sigmoid(f) * cell + ops.sigmoid(i) * ops.tanh(g)
    return ops.sigmoid(o) * ops.tanh(cell), cell
