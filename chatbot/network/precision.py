"""Matrix products in a chosen precision; everything between them stays float32."""

from __future__ import annotations

from typing import Any

from keras import ops

Tensor = Any


def product(left: Tensor, right: Tensor, precision: str) -> Tensor:
    """`left @ right`, operands rounded to `precision` ("float32" or "bfloat16"), result float32.

    A [..., a] times a matrix [a, b] runs as one flat product: a batched one would repeat the matrix, and add up its
    gradient over the batch.
    """
    if len(left.shape) > 2 and len(right.shape) == 2:
        *leading, _ = ops.shape(left)
        flat = product(ops.reshape(left, (-1, right.shape[0])), right, precision)
        return ops.reshape(flat, (*leading, right.shape[1]))
    if precision == "float32":
        return ops.matmul(left, right)
    return ops.cast(ops.matmul(ops.cast(left, precision), ops.cast(right, precision)), "float32")
