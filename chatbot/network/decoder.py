"""Encoder's final states and previous target ids -> decoder states, all steps at once (teacher forcing)."""

from __future__ import annotations

from collections.abc import Mapping

from keras import ops

from chatbot.network.encoder import lstm
from chatbot.network.precision import Tensor, product
from chatbot.network.recurrence import Scan, recur


def decode(
    weights: Mapping[str, Tensor],
    layers: int,
    inputs: Tensor,
    ends: tuple[Tensor, Tensor],
    precision: str,
    scan: Scan,
) -> Tensor:
    """States of the top layer [time, batch, units].

    `inputs` [time, batch, embedding] are the embedded previous ids, `ends` the encoder's final hidden and cell
    states [batch, memory], from which a bridge makes each layer's first state. Padding at the end is read like all
    else: it changes nothing before it.
    """
    for layer in range(layers):
        begun = first_state(weights, layer, ends, precision)
        inputs, _ = recur(inputs, None, lstm(weights, f"decoder.{layer}"), begun, precision, scan)
    return inputs


def first_state(
    weights: Mapping[str, Tensor], layer: int, ends: tuple[Tensor, Tensor], precision: str
) -> tuple[Tensor, Tensor]:
    """Hidden and cell state [batch, units] that the bridge makes for a layer of the encoder's, [batch, memory]."""
    hidden = ops.tanh(_dense(weights, f"bridge.{layer}.hidden", ends[0], precision))
    return hidden, _dense(weights, f"bridge.{layer}.cell", ends[1], precision)


def _dense(weights: Mapping[str, Tensor], name: str, inputs: Tensor, precision: str) -> Tensor:
    return product(inputs, weights[f"{name}.kernel"], precision) + weights[f"{name}.bias"]
