"""Another model's weights -> where a training begins: rows of a changed vocabulary are carried over by their pieces.

In: a bundle, the new tokenizer, freshly initialised weights. Out: weights of the new shapes, and how much was kept.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chatbot.bundle.loading import Bundle
from chatbot.errors import CheckpointError
from chatbot.text.tokenizer import Tokenizer

Weights = dict[str, NDArray[np.float32]]
BY_PIECE = ("embedding", "output.kernel", "output.bias")  # one row an id


@dataclass(frozen=True, slots=True)
class Start:
    """Where a training begins, and from what."""

    weights: Weights
    kept: int  # rows of the vocabulary carried over
    size: int  # rows of the vocabulary


def warm_start(bundle: Bundle, tokenizer: Tokenizer, fresh: Weights) -> Start:
    """Weights named and shaped as `fresh`, taken from `bundle`; pieces that it does not know keep their fresh rows.

    The gain of a layer normalisation that it has not begins at 1. Raises `CheckpointError` where anything but the
    vocabulary differs in size.
    """
    old = {piece: row for row, piece in enumerate(bundle.tokenizer.pieces(range(bundle.tokenizer.size)))}
    pieces = tokenizer.pieces(range(tokenizer.size))
    rows = np.array([(new, old[piece]) for new, piece in enumerate(pieces) if piece in old], dtype=np.int64)
    to, of = rows.reshape(-1, 2).T
    weights = {}
    for name, array in fresh.items():
        given = bundle.weights.get(name, array if name.endswith(".gain") else None)
        if given is None or given.shape[name in BY_PIECE :] != array.shape[name in BY_PIECE :]:
            found = "absent" if given is None else f"of shape {list(given.shape)}"
            raise CheckpointError(
                f"{bundle.path}: cannot be started from: {name} is {found}, and the recipe makes it "
                f"{list(array.shape)}; give a recipe of the same network"
            )
        weights[name] = np.array(array if name in BY_PIECE else given)
        if name in BY_PIECE:
            weights[name][to] = given[of]
    return Start(weights, len(rows), len(pieces))
