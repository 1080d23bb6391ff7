"""What dropout keeps, drawn cheaply: two units of every random integer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from chatbot.network.precision import Tensor

HALF = 2**15  # 16 bits are drawn for a unit, read as -HALF to HALF - 1


def kept(shape: Sequence[Any], share: float, seed: keras.random.SeedGenerator) -> Tensor:
    """Factors of dropout, float32 of `shape`: 0 for about `share` of all units, for the others what makes up for it.

    The share is rounded to a multiple of 2**-16. The last size of `shape` is known beforehand.
    """
    *leading, width = shape
    drawn = keras.random.randint((*leading, -(-width // 2)), -(2**31), 2**31 - 1, dtype="int32", seed=seed)
    halves = ops.view(drawn, dtype="int16")[..., :width]
    dropped = round(2 * HALF * share)
    return ops.cast(halves >= dropped - HALF, "float32") * (2 * HALF / (2 * HALF - dropped))
