"""Another model's weights -> where a training begins: rows of a changed vocabulary are carried over by their pieces.

In: a bundle, the new tokenizer, freshly initialised weights. Out: weights of the new shapes, and how much was kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chatbot.bundle.loading import Bundle
from chatbot.errors import CheckpointError
from chatbot.text.tagging_tokenizer import FIRST_CHARACTER, TaggingTokenizer
from chatbot.text.tokenizer import Tokenizer

Weights = dict[str, NDArray[np.float32]]
FIRST_LAYER = "decoder.0.kernel"  # [inputs, 4 units]; with input feeding the inputs are twice as many
SQUARE = "transitions.pairs"  # [tags, tags]; every other array has its pieces, characters or tags along the first axis


@dataclass(frozen=True, slots=True)
class Start:
    """Where a training begins, and from what."""

    weights: Weights
    kept: int  # rows of the vocabulary carried over
    size: int  # rows of the vocabulary


def warm_start(bundle: Bundle, tokenizer: Tokenizer, fresh: Weights) -> Start:
    """Weights named and shaped as `fresh`, taken from `bundle`; pieces that it does not know keep their fresh rows.

    So do a tagger's characters and tags. The gain of a layer normalisation that it has not begins at 1, the rows of an
    input feeding that it has not at 0. Raises `CheckpointError` where anything but the vocabulary differs in size.
    """
    old, new = row_names(bundle.tokenizer), row_names(tokenizer)
    weights = {}
    for name, array in fresh.items():
        given = bundle.weights.get(name, array if name.endswith(".gain") else None)
        if name == FIRST_LAYER and given is not None and 2 * len(given) == len(array):
            given = np.concatenate([given, np.zeros_like(given)])  # the same function until the new rows learn
        axes = (2 if name == SQUARE else 1) if name in new else 0
        if given is None or given.shape[axes:] != array.shape[axes:] or (name in old) != (name in new):
            raise _differs(bundle, name, given, array)
        weights[name] = _carried(given, array, old[name], new[name], axes) if axes else np.array(given)
    known = set(old["embedding"])
    return Start(weights, sum(piece in known for piece in new["embedding"]), len(new["embedding"]))


def row_names(tokenizer: Tokenizer) -> dict[str, Sequence[str]]:
    """Weight -> what each of its rows stands for, of those whose number of rows the vocabulary tells."""
    pieces: Sequence[str] = tokenizer.pieces(range(tokenizer.size))
    if not isinstance(tokenizer, TaggingTokenizer):
        return dict.fromkeys(("embedding", "output.kernel", "output.bias"), pieces)
    characters = [*(f"id {i}" for i in range(FIRST_CHARACTER)), *tokenizer.characters]
    by_tag = ("output.kernel", "output.bias", SQUARE, "transitions.first", "transitions.last")
    return {"embedding": pieces, "characters.embedding": characters} | dict.fromkeys(by_tag, tokenizer.tags)


def _carried(
    given: NDArray[np.float32], fresh: NDArray[np.float32], old: Sequence[str], new: Sequence[str], axes: int
) -> NDArray[np.float32]:
    """`fresh` with the rows, and of two axes the columns, that `given` has under the same name."""
    at = {name: row for row, name in enumerate(old)}
    found = np.array([(row, at[name]) for row, name in enumerate(new) if name in at], dtype=np.int64)
    to, of = found.reshape(-1, 2).T
    carried = np.array(fresh)
    carried[np.ix_(*[to] * axes)] = given[np.ix_(*[of] * axes)]
    return carried


def _differs(
    bundle: Bundle, name: str, given: NDArray[np.float32] | None, wanted: NDArray[np.float32]
) -> CheckpointError:
    found = "absent" if given is None else f"of shape {list(given.shape)}"
    return CheckpointError(
        f"{bundle.path}: cannot be started from: {name} is {found}, and the recipe makes it {list(wanted.shape)}; "
        "give a recipe of the same network"
    )
