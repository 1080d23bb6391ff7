"""Weights (name -> float32 array) <-> the bytes of weights.safetensors in float32, float16 or int8.

int8 keeps the float32 scales of the rows of x as "x.scale". Everything is float32 again after loading, but for the
arrays of an n-gram model (`chatbot.bundle.ngram`), which stand in the same file where there is one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chatbot.bundle.config import Network, NgramFacts
from chatbot.bundle.header import DTYPES, LONGEST_HEADER, Tensor, stored_arrays
from chatbot.bundle.ngram import ngram_arrays, ngram_tensors
from chatbot.bundle.quantise import quantise_rows, stored_dtype, widen_rows
from chatbot.bundle.schema import weight_shapes
from chatbot.errors import BundleError
from chatbot.ngram.table import NgramTable

Weights = dict[str, NDArray[np.float32]]

SHORT_NAMES = {"float32": "F32", "float16": "F16", "int8": "I8"}  # as in a header

LARGEST_WEIGHT = 10_000.0  # with this bound no sum in the network can overflow float32


def stored_tensors(network: Network, dtype: str, ngram: NgramFacts | None = None) -> dict[str, Tensor]:
    """Name -> dtype and shape of everything in the weights file, scales included."""
    tensors: dict[str, Tensor] = {}
    for name, shape in weight_shapes(network).items():
        tensors[name] = Tensor(SHORT_NAMES[stored_dtype(shape, dtype)], shape)
        if tensors[name].dtype == "I8":
            tensors[f"{name}.scale"] = Tensor("F32", shape[:1])
    return tensors | (ngram_tensors(ngram, network.vocabulary_size) if ngram else {})


def largest_file(network: Network, dtype: str, ngram: NgramFacts | None = None) -> int:
    """The most bytes a right weights file can have."""
    return 8 + LONGEST_HEADER + sum(tensor.bytes for tensor in stored_tensors(network, dtype, ngram).values())


def weights_to_bytes(
    weights: Mapping[str, NDArray[np.float32]], network: Network, dtype: str, table: NgramTable | None = None
) -> bytes:
    """The content of weights.safetensors; `BundleError` for a wrong name, a wrong shape or a number out of range."""
    from safetensors.numpy import save

    shapes = weight_shapes(network)
    if set(weights) != set(shapes):
        wrong = sorted(set(weights) ^ set(shapes))
        raise BundleError(f"weights: do not fit the network; missing or unknown: {', '.join(wrong[:8])}")
    arrays: dict[str, NDArray[Any]] = {}
    for name, tensor in stored_tensors(network, dtype).items():
        if name not in shapes:
            continue  # a scale, written with its matrix
        array = np.ascontiguousarray(weights[name], dtype=np.float32)
        if array.shape != tensor.shape:
            raise BundleError(f"weights: {name} must have shape {list(tensor.shape)}, but has {list(array.shape)}")
        _check_range(array, name, "weights")
        if tensor.dtype == "I8":
            arrays[name], arrays[f"{name}.scale"] = quantise_rows(array)
        else:
            arrays[name] = array.astype(DTYPES[tensor.dtype])
    return save(arrays | (ngram_arrays(table) if table else {}))


def weights_from_bytes(
    content: bytes, network: Network, dtype: str, where: str, ngram: NgramFacts | None = None
) -> Weights:
    """Check the header, then widen every weight to float32. float32 arrays are read-only views of `content`."""
    tensors = stored_tensors(network, dtype, ngram)
    stored = stored_arrays(content, tensors, where)
    weights: Weights = {}
    for name in weight_shapes(network):
        array = stored(name)
        if tensors[name].dtype == "I8":
            scale = stored(f"{name}.scale")
            _check_range(scale, f"{name}.scale", where)
            weights[name] = widen_rows(array, scale)
        else:
            weights[name] = np.require(array, np.float32, ["ALIGNED"])
        _check_range(weights[name], name, where)
    return weights


def _check_range(array: NDArray[np.float32], name: str, where: str) -> None:
    """NaN compares as false, so one comparison finds it too."""
    if not (array.size == 0 or (array.max() <= LARGEST_WEIGHT and array.min() >= -LARGEST_WEIGHT)):
        raise BundleError(f"{where}: {name}: holds a number that is not finite or beyond {LARGEST_WEIGHT:,.0f}")
