"""float32 matrices <-> int8 with one float32 scale a row: a quarter of the bytes, an error of at most half a step."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LARGEST = 127


def quantise_rows(matrix: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Symmetric rounding of each row: int8 [rows, columns] and scale float32 [rows], value = int8 * scale."""
    scale = (np.abs(matrix).max(axis=1) / np.float32(LARGEST)).astype(np.float32)
    scale[scale == 0] = 1  # a row of zeros stays one
    steps = np.rint(matrix / scale[:, None])
    return np.clip(steps, -LARGEST, LARGEST).astype(np.int8), scale


def widen_rows(steps: NDArray[np.int8], scale: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32 [rows, columns] of what `quantise_rows` made."""
    widened = steps.astype(np.float32)
    widened *= scale[:, None]
    return widened
