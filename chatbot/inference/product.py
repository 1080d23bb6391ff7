"""Matrix product of a few rows with a large matrix, fast for one row and for many.

A BLAS packs the large matrix anew for every product; with few rows that costs more than the product itself, so
each such row is multiplied on its own. This also makes such a row's result independent of its neighbours.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

FEW_ROWS = 8


def product(rows: Floats, matrix: Floats) -> Floats:
    """rows [n, inputs] times matrix [inputs, units] -> [n, units]."""
    if len(rows) > FEW_ROWS:
        return rows @ matrix
    out = np.empty((len(rows), matrix.shape[1]), np.float32)
    for row, result in zip(rows, out, strict=True):
        np.dot(row, matrix, out=result)
    return out
