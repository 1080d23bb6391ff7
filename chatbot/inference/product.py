"""Matrix product of rows with a weight matrix, fast for a few rows and for many.

Asked for a product of a few rows, a BLAS first copies the large matrix into another order, which costs more than the
product. So a matrix is kept as panels of 64 columns, each of them contiguous. Where a processor has AVX-512, OpenBLAS
multiplies so small a panel as it lies, and a row's result does not depend on its neighbours; elsewhere a few rows are
multiplied one by one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

PANEL = 64
FEW_ROWS = 8
SMALL = 1_000_000  # multiplications; OpenBLAS copies first for more
TOGETHER = 8  # rows of one small product


@dataclass(frozen=True, slots=True)
class Panels:
    """A matrix [..., inputs, units] as `blocks` [..., panels, inputs, PANEL], the last panel filled up with zeros."""

    blocks: Floats
    units: int

    @classmethod
    def of(cls, matrix: Floats) -> Panels:
        """Cut up a matrix [..., inputs, units]; leading axes are those of matrices of their own."""
        *several, inputs, units = matrix.shape
        if spare := -units % PANEL:
            matrix = np.concatenate([matrix, np.zeros((*several, inputs, spare), np.float32)], axis=-1)
        cut = matrix.reshape(*several, inputs, -1, PANEL)  # [..., inputs, panels, PANEL]
        return cls(np.ascontiguousarray(cut.swapaxes(-2, -3), np.float32), units)


def has_small_products() -> bool:
    """Whether NumPy found AVX-512 here, for which OpenBLAS has kernels for small products that copy nothing."""
    try:
        from numpy.lib.introspect import opt_func_info
    except ImportError:  # NumPy 1
        return False
    kinds = opt_func_info(func_name="^tanh$", signature="float32").get("tanh", {}).values()
    return any(kind["current"].startswith(("AVX512", "X86_V4")) for kind in kinds)


SMALL_PRODUCTS = has_small_products()


def product(rows: Floats, matrix: Panels) -> Floats:
    """rows [..., n, inputs] times a matrix [..., inputs, units] -> [..., n, units]."""
    *several, n, _ = rows.shape
    if SMALL_PRODUCTS and n == 1:  # two rows read the matrix as fast as one, and by the kernel that many rows take
        return product(np.repeat(rows, 2, axis=-2), matrix)[..., :1, :]
    blocks = matrix.blocks
    cut = np.empty((*several, n, blocks.shape[-3], PANEL), np.float32)
    if SMALL_PRODUCTS:
        _multiply_small(rows, blocks, cut.swapaxes(-2, -3))
    elif n <= FEW_ROWS:
        np.matmul(rows[..., None, None, :], blocks[..., None, :, :, :], out=cut[..., None, :])
    else:
        np.matmul(rows[..., None, :, :], blocks, out=cut.swapaxes(-2, -3))
    return cut.reshape(*several, n, blocks.shape[-3] * PANEL)[..., : matrix.units]


def _multiply_small(rows: Floats, blocks: Floats, out: Floats) -> None:
    """rows [..., n, inputs] times blocks [..., panels, inputs, PANEL] -> out [..., panels, n, PANEL], n not 1."""
    *several, n, inputs = rows.shape
    together = max(2, min(TOGETHER, SMALL // (inputs * PANEL)))
    if whole := n - n % together:
        some = rows[..., :whole, :].reshape(*several, 1, -1, together, inputs)
        places = out[..., :whole, :].reshape(*out.shape[:-2], -1, together, PANEL)  # a view: one axis is cut
        np.matmul(some, blocks[..., None, :, :], out=places)
    if whole < n:
        last = slice(min(whole, n - 2), n)  # never one row alone
        np.matmul(rows[..., None, last, :], blocks, out=out[..., last, :])
