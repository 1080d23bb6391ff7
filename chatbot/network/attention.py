"""Decoder states and encoder memory -> attention weights and context vectors."""

from __future__ import annotations

from collections.abc import Mapping

from keras import ops

from chatbot.network.precision import Tensor, product

FAR_BELOW = -1e9  # added to the scores of padding: their weight is exactly 0 in float32


def attend(
    kind: str, weights: Mapping[str, Tensor], queries: Tensor, memory: Tensor, mask: Tensor, precision: str
) -> Tensor:
    """Context vectors [batch, target_time, memory] of `queries` [batch, target_time, units].

    `memory` is [batch, source_time, memory], `mask` [batch, source_time] with 1 at real positions. `kind` is "dot" or
    "general" (Luong et al. 2015) or "additive" (Bahdanau et al. 2015), all applied after the decoder's LSTM.
    """
    scores = score(kind, weights, queries, memory, precision)  # [batch, target_time, source_time]
    scores = scores + (1.0 - mask)[:, None, :] * FAR_BELOW
    return product(ops.softmax(scores, axis=-1), memory, precision)


def score(kind: str, weights: Mapping[str, Tensor], queries: Tensor, memory: Tensor, precision: str) -> Tensor:
    """Unnormalised scores [batch, target_time, source_time]."""
    if kind == "additive":
        query = product(queries, weights["attention.query_kernel"], precision)[:, :, None, :]
        key = product(memory, weights["attention.memory_kernel"], precision)[:, None, :, :]
        hidden = ops.tanh(query + key + weights["attention.bias"])  # [batch, target_time, source_time, attention]
        return ops.sum(hidden * weights["attention.energy"], axis=-1)
    if kind == "general":
        queries = product(queries, weights["attention.kernel"], precision)
    return product(queries, ops.transpose(memory, (0, 2, 1)), precision)
