"""Running texts -> a vector for each common word, such that words said in the same company have vectors alike.

Nothing is trained: the neighbours of each word are counted (a neighbour at distance d counts 1/d), the counts become
positive pointwise mutual information with the contexts' share raised to 0.75, and a singular value decomposition keeps
what matters, its values raised to 0.5 (Levy, Goldberg & Dagan 2015, "Improving distributional similarity with lessons
learned from word embeddings"). In: texts. Out: words by falling frequency and their vectors, [words, size] float32.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain, repeat

import numpy as np
from numpy.typing import NDArray

from chatbot.errors import VocabularyError
from chatbot.text.tagging_tokenizer import folded, words_of

Vectors = NDArray[np.float32]
SMOOTHING = 0.75  # of the share of a context: rare ones would surprise too much
MOST_CONTEXTS = 3000  # the commonest words; what rarer neighbours add is little, and the decomposition costs their cube
SPREAD = 0.24  # standard deviation of a number in a vector: large beside a fresh network's, as a vector says more


@dataclass(frozen=True, slots=True)
class VectorSettings:
    """How vectors are learned."""

    size: int = 100
    words: int = 40_000  # the commonest
    minimum_count: int = 3  # a rarer word has too little company
    window: int = 4  # neighbours on each side


def learn_vectors(
    texts: Iterable[str], settings: VectorSettings, report: Callable[[str], None] = lambda step: None
) -> tuple[list[str], Vectors]:
    """Words and their vectors; a word is as a tagger looks it up, in small letters with every digit 0.

    Needs 4 bytes for each pair of a word and one of at most 3,000 contexts. Raises `VocabularyError` where the texts
    have fewer words than the vectors numbers.
    """
    report("reading")
    counts, ids, names = _read(texts)
    ranked = sorted((-n, names[i]) for i, n in counts.items() if n >= settings.minimum_count)[: settings.words]
    words = [word for _, word in ranked]
    if len(words) <= settings.size:
        raise VocabularyError(
            f"{len(words):,} words are said {settings.minimum_count} times or more, expected more than "
            f"{settings.size}; give more text, or a smaller --size"
        )
    rank = {word: i for i, word in enumerate(words)}
    ranks = np.array([rank.get(name, -1) for name in names], dtype=np.int64)
    report("counting neighbours")
    table = _neighbours(ranks[ids], len(words), min(len(words), MOST_CONTEXTS), settings.window)
    report("decomposing")
    _to_information(table)
    return words, _decomposed(table, settings.size)


def _read(texts: Iterable[str]) -> tuple[Counter[int], NDArray[np.int64], list[str]]:
    """How often each word is said, all words as numbers with a pause between texts, and what the numbers mean."""
    numbers: dict[str, int] = {"": 0}  # 0 is the pause
    said: list[int] = []
    for text in dict.fromkeys(texts):  # what is said twice tells nothing new
        said.extend(numbers.setdefault(folded(word), len(numbers)) for word in words_of(text))
        said.append(0)
    ids = np.array(said, dtype=np.int64)
    found = np.bincount(ids, minlength=len(numbers))
    found[0] = 0
    return Counter(dict(enumerate(found.tolist()))), ids, list(numbers)


def _neighbours(ids: NDArray[np.int64], words: int, contexts: int, window: int) -> Vectors:
    """How much company each context keeps each word, [words, contexts]; -1 among `ids` is no word, and a pause."""
    table = np.zeros((words, contexts), dtype=np.float32)
    for distance in range(1, window + 1):
        before, after = ids[:-distance], ids[distance:]
        for word, context in ((before, after), (after, before)):
            near = (word >= 0) & (context >= 0) & (context < contexts)
            np.add.at(table, (word[near], context[near]), np.float32(1.0 / distance))
    return table


def _to_information(table: Vectors) -> None:
    """Counts become max(0, log of how much oftener than by chance a word and a context meet), in place."""
    by_word = np.maximum(table.sum(axis=1, keepdims=True), 1e-9)
    by_context = np.maximum(table.sum(axis=0), 1e-9) ** SMOOTHING
    table /= by_word
    table /= by_context / by_context.sum()
    np.maximum(table, 1.0, out=table)
    np.log(table, out=table)


def _decomposed(table: Vectors, size: int) -> Vectors:
    """U S^0.5 of the largest `size` singular values, each row scaled to one length, [words, size]."""
    values, right = np.linalg.eigh(table.T @ table)  # squares of the singular values, rising
    largest = np.maximum(values[-size:][::-1], 1e-9)
    vectors = table @ (right[:, -size:][:, ::-1] / largest**0.25)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: Vectors = (vectors / np.maximum(lengths, 1e-9) * SPREAD * np.sqrt(size)).astype(np.float32)
    return scaled


def lines_of(words: Iterable[str], vectors: Vectors) -> Iterable[str]:
    """Lines of a word and its numbers, single spaces between them, as GloVe's files have them."""
    for word, vector in zip(words, vectors, strict=True):
        yield " ".join(chain([word], map(format, vector.tolist(), repeat(".4f")))) + "\n"
