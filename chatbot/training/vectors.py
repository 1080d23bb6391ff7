"""Word vectors learned elsewhere -> where the rows of an embedding begin; for models of whole words.

In: a file as `chatbot.corpus.vectors` reads it. Out: the embedding with the rows of known words replaced, and how many
these are.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chatbot.corpus.vectors import vector_lines
from chatbot.errors import CorpusError, UsageError
from chatbot.text.special import SPECIAL_PIECES
from chatbot.text.tokenizer import Tokenizer

KINDS = ("word", "tagging")


def with_vectors(embedding: NDArray[np.float32], tokenizer: Tokenizer, path: Path) -> tuple[NDArray[np.float32], int]:
    """The embedding [vocabulary, size] with the file's vectors for the words it has, and their number.

    A word with capitals takes the vector of its small letters where there is none of its own. Raises `CorpusError` with
    file and line, `UsageError` where the model has no whole words.
    """
    if tokenizer.kind not in KINDS:
        raise UsageError(f"--vectors: the dataset has no whole words, but {tokenizer.kind} pieces; leave it out")
    pieces = tokenizer.pieces(range(tokenizer.size))
    rows: dict[str, list[int]] = {}
    for row, piece in enumerate(pieces[len(SPECIAL_PIECES) :], start=len(SPECIAL_PIECES)):
        for spelled in dict.fromkeys((piece, piece.lower())):
            rows.setdefault(spelled, []).append(row)
    changed, exact = embedding.copy(), np.zeros(len(embedding), dtype=np.int8)  # 1 by small letters, 2 as it stands
    for number, word, numbers in vector_lines(path):
        if len(numbers) != embedding.shape[1]:
            raise CorpusError(
                f"{path}:{number}: {len(numbers)} numbers, expected {embedding.shape[1]}, the recipe's embedding_size"
            )
        for row in rows.get(word, ()):
            rank = 2 if pieces[row] == word else 1
            if rank > exact[row]:
                changed[row], exact[row] = _numbers(numbers, f"{path}:{number}"), rank
    return changed, int(np.count_nonzero(exact))


def _numbers(texts: list[str], where: str) -> NDArray[np.float32]:
    try:
        found = np.array([float(text) for text in texts], dtype=np.float32)
    except ValueError:
        raise CorpusError(f"{where}: not a word and numbers") from None
    if not np.all(np.abs(found) < 1000):
        raise CorpusError(f"{where}: a number is not finite or too large")
    return found
