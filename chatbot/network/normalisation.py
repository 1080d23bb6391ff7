"""Layer normalisation (Ba, Kiros & Hinton 2016): units of whatever scale -> units of one scale."""

from __future__ import annotations

from keras import ops

from chatbot.bundle.schema import NORM_EPSILON
from chatbot.network.precision import Tensor


def normalised(values: Tensor, gain: Tensor) -> Tensor:
    """`values` [..., units] with mean 0 and variance 1 over their units, times `gain` [units]."""
    centred = values - ops.mean(values, axis=-1, keepdims=True)
    variance = ops.mean(ops.square(centred), axis=-1, keepdims=True)
    return centred * ops.rsqrt(variance + NORM_EPSILON) * gain
