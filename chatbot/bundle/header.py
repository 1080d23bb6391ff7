"""The header of a safetensors file from a stranger, compared with what is expected before a tensor is touched.

The file is: header length (8 bytes, little-endian), a JSON object name -> {dtype, shape, data_offsets}, the data.
https://huggingface.co/docs/safetensors describes it. The tensors must fill the data without hole or overlap.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chatbot.bundle.strict_json import strict_json
from chatbot.errors import BundleError

LONGEST_HEADER = 1_000_000
DTYPES: dict[str, np.dtype[Any]] = {
    **{"F32": np.dtype("<f4"), "F16": np.dtype("<f2"), "I8": np.dtype("i1")},
    **{"U8": np.dtype("u1"), "U16": np.dtype("<u2"), "U32": np.dtype("<u4")},
}


@dataclass(frozen=True, slots=True)
class Tensor:
    """What is stored under a name: a dtype of safetensors, one of `DTYPES`, and a shape."""

    dtype: str
    shape: tuple[int, ...]

    @property
    def bytes(self) -> int:
        """Bytes of its data."""
        return math.prod(self.shape) * DTYPES[self.dtype].itemsize


def tensor_offsets(content: bytes, tensors: dict[str, Tensor], where: str) -> dict[str, int]:
    """Where the data of each expected tensor begins in `content`; `BundleError` unless all is exactly as expected."""
    length = int.from_bytes(content[:8], "little")
    if len(content) < 8 or length > min(LONGEST_HEADER, len(content) - 8):
        raise BundleError(f"{where}: is truncated or no safetensors file")
    header = strict_json(content[8 : 8 + length], f"{where}: header")
    header.pop("__metadata__", None)
    for name in header:
        if name not in tensors:
            raise BundleError(f"{where}: holds a tensor {name!r} that the network of config.json has not")
    start, size = 8 + length, len(content) - 8 - length
    begins = {name: _begin(header.get(name), name, tensor, where) for name, tensor in tensors.items()}
    expected = 0
    for name in sorted(begins, key=lambda name: (begins[name], tensors[name].bytes)):
        if begins[name] != expected:
            raise BundleError(
                f"{where}: the data of {name!r} must begin at byte {expected}, but begins at {begins[name]}"
            )
        expected += tensors[name].bytes
    if expected != size:
        raise BundleError(
            f"{where}: must hold {expected:,} bytes of data, but holds {size:,}; it is truncated or damaged"
        )
    return {name: start + begin for name, begin in begins.items()}


def stored_arrays(content: bytes, tensors: dict[str, Tensor], where: str) -> Callable[[str], NDArray[Any]]:
    """Name -> the tensor of that name, a read-only view of `content`; `BundleError` as `tensor_offsets`."""
    offsets = tensor_offsets(content, tensors, where)

    def stored(name: str) -> NDArray[Any]:
        tensor = tensors[name]
        flat = np.frombuffer(content, DTYPES[tensor.dtype], math.prod(tensor.shape), offsets[name])
        return flat.reshape(tensor.shape)

    return stored


def _begin(entry: Any, name: str, tensor: Tensor, where: str) -> int:
    """The first byte of a tensor within the data, once its header entry agrees with what is expected."""
    if entry is None:
        raise BundleError(f"{where}: the tensor '{name}' is missing")
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise BundleError(f"{where}: {name}: must have dtype, shape and data_offsets in the header")
    if entry["dtype"] != tensor.dtype:
        raise BundleError(f"{where}: {name}: must be {tensor.dtype}, but is {str(entry['dtype'])[:20]!r}")
    if not _integers(entry["shape"]) or tuple(entry["shape"]) != tensor.shape:
        raise BundleError(f"{where}: {name}: must have shape {list(tensor.shape)}, but has {str(entry['shape'])[:60]}")
    offsets = entry["data_offsets"]
    if not _integers(offsets) or len(offsets) != 2 or offsets[1] - offsets[0] != tensor.bytes:
        raise BundleError(f"{where}: {name}: must span {tensor.bytes} bytes, but data_offsets is {str(offsets)[:60]}")
    begin: int = offsets[0]
    return begin


def _integers(value: Any) -> bool:
    return isinstance(value, list) and all(type(item) is int and item >= 0 for item in value)
