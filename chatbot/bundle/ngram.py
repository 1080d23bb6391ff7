"""An n-gram table <-> arrays of the weights file, "ngram.N.ids" and so on for the n-grams of each length N.

In: what config.json says of the table, from a stranger. Out: facts within bounds, and a table whose sums hold.
"""

from __future__ import annotations

import math
from typing import Any

from numpy.typing import NDArray

from chatbot.bundle.config import NgramFacts
from chatbot.bundle.header import Tensor, stored_arrays
from chatbot.errors import BundleError
from chatbot.ngram.settings import LONGEST, MOST
from chatbot.ngram.table import NgramTable, Stored


def facts_of(table: NgramTable, share: float) -> NgramFacts:
    """What config.json says of a table."""
    levels = table.stored
    return NgramFacts(share, tuple(len(one.ids) for one in levels), tuple(len(one.followers) for one in levels))


def facts_from(values: dict[str, Any], where: str) -> NgramFacts:
    """The facts in config.json, each within its bounds; `BundleError` otherwise."""
    if set(values) != {"share", "types", "followed"}:
        raise BundleError(f"{where}: must hold share, types and followed")
    share, types, followed = values["share"], values["types"], values["followed"]
    if type(share) is not float or not 0.0 < share < 1.0:
        raise BundleError(f"{where}.share: must be a number between 0 and 1, but is {str(share)[:40]!r}")
    contexts = 1
    for name, sizes in (("types", types), ("followed", followed)):
        if not isinstance(sizes, list) or not 0 < len(sizes) <= LONGEST or len(sizes) != len(types):
            raise BundleError(f"{where}.{name}: must be a list of 1 to {LONGEST} sizes, as many as types")
        if not all(type(size) is int and size > 0 for size in sizes) or sum(sizes) > MOST:
            raise BundleError(f"{where}.{name}: must be sizes, {MOST:,} at most in all, but is {str(sizes)[:60]}")
    for size, own in zip(types, followed, strict=True):
        if own > min(size, contexts):
            raise BundleError(f"{where}.followed: {own:,} contexts cannot be followed by {size:,} n-grams")
        contexts = size
    return NgramFacts(share, tuple(types), tuple(followed))


def ngram_tensors(facts: NgramFacts, vocabulary_size: int) -> dict[str, Tensor]:
    """Name -> dtype and shape of the table's arrays."""
    width = "U16" if vocabulary_size <= 1 << 16 else "U32"
    tensors: dict[str, Tensor] = {}
    contexts = 1
    for length, (types, followed) in enumerate(zip(facts.types, facts.followed, strict=True), start=1):
        shapes = {
            "ids": Tensor(width, (types,)),
            "codes": Tensor("U8", (types,)),
            "followed": Tensor("U8", (math.ceil(contexts / 8),)),
            "followers": Tensor(width, (followed,)),
        }
        tensors |= {f"ngram.{length}.{name}": tensor for name, tensor in shapes.items()}
        contexts = types
    return tensors


def ngram_arrays(table: NgramTable) -> dict[str, NDArray[Any]]:
    """Name -> array, as `ngram_tensors` says."""
    levels = enumerate(table.stored, start=1)
    return {f"ngram.{n}.{name}": array for n, level in levels for name, array in level._asdict().items()}


def table_from_bytes(content: bytes, facts: NgramFacts, tensors: dict[str, Tensor], where: str) -> NgramTable:
    """The table in the content of a weights file, all of whose tensors are `tensors`; `BundleError` for a wrong one."""
    stored = stored_arrays(content, tensors, where)
    levels = [Stored(*(stored(f"ngram.{n}.{name}") for name in Stored._fields)) for n in range(1, len(facts.types) + 1)]
    try:
        return NgramTable(tensors["output.bias"].shape[0], levels)
    except ValueError as error:
        raise BundleError(f"{where}: the n-gram model {error}; the file is damaged") from error
