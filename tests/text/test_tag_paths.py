"""The best sequence of tags is the best of all that are allowed."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from chatbot.text.tag_paths import FORBIDDEN, allowed, best_path

TAGS = ("O", "B-X", "I-X", "E-X", "S-X")


def total(path: tuple[int, ...], scores: np.ndarray, pairs: np.ndarray, first: np.ndarray, last: np.ndarray) -> float:
    own = sum(scores[word, tag] for word, tag in enumerate(path))
    between = sum(pairs[one, two] for one, two in itertools.pairwise(path))
    return float(own + between + first[path[0]] + last[path[-1]])


@pytest.mark.parametrize("lengths", [[4, 1, 3], [2, 4, 4]])
def test_it_is_the_best_of_all_paths(lengths: list[int]) -> None:
    random = np.random.default_rng(len(lengths) + lengths[0])
    scores = random.normal(size=(3, 4, 5)).astype(np.float32)
    pairs, first, last = (random.normal(size=size).astype(np.float32) for size in ((5, 5), 5, 5))
    for row, (length, found) in enumerate(zip(lengths, best_path(scores, pairs, first, last, lengths), strict=True)):
        every = itertools.product(range(5), repeat=length)
        assert tuple(found) == max(every, key=lambda path: total(path, scores[row], pairs, first, last))


def test_what_the_scheme_forbids_is_never_said() -> None:
    pairs, first, last = allowed(TAGS)
    assert pairs[TAGS.index("B-X"), TAGS.index("O")] == FORBIDDEN
    assert pairs[TAGS.index("E-X"), TAGS.index("S-X")] == 0
    assert first[TAGS.index("I-X")] == FORBIDDEN
    assert last[TAGS.index("B-X")] == FORBIDDEN
    scores = np.zeros((1, 3, 5), np.float32)
    scores[0, :, TAGS.index("I-X")] = 5.0  # on its own each word would be inside
    (found,) = best_path(scores, pairs, first, last, [3])
    assert [TAGS[tag] for tag in found] == ["B-X", "I-X", "E-X"]
