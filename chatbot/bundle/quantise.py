"""float32 matrices -> narrower ones and back: float16, or int8 with one float32 scale a row.

Only matrices of at least 1,024 elements are narrowed; what is small or 1-D stays float32.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

LEAST_NARROWED = 1024  # elements
LARGEST = 127


def stored_dtype(shape: tuple[int, ...], dtype: str) -> str:
    """The dtype in which an array of this shape is stored in a bundle of `dtype`."""
    narrow = len(shape) == 2 and math.prod(shape) >= LEAST_NARROWED
    return dtype if narrow else "float32"


def quantise_rows(matrix: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Symmetric rounding of each row: int8 [rows, columns] and scale float32 [rows], value = int8 * scale.

    The error is at most half a scale, 1/254 of the row's largest magnitude.
    """
    scale = (np.abs(matrix).max(axis=1) / np.float32(LARGEST)).astype(np.float32)
    scale[scale == 0] = 1  # a row of zeros stays one
    steps = np.rint(matrix / scale[:, None])
    return np.clip(steps, -LARGEST, LARGEST).astype(np.int8), scale


def widen_rows(steps: NDArray[np.int8], scale: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32 [rows, columns] of what `quantise_rows` made."""
    widened = steps.astype(np.float32)
    widened *= scale[:, None]
    return widened


def as_stored(weights: Mapping[str, NDArray[np.float32]], dtype: str) -> dict[str, NDArray[np.float32]]:
    """The float32 weights that a bundle of `dtype` gives back for these."""
    found = {}
    for name, array in weights.items():
        kind = stored_dtype(array.shape, dtype)
        if kind == "int8":
            found[name] = widen_rows(*quantise_rows(array))
        else:
            found[name] = array.astype(kind).astype(np.float32)
    return found
