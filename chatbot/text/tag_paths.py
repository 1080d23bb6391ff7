"""Scores of tags and of pairs of tags -> the best sequence of tags, by the algorithm of Viterbi 1967."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from chatbot.corpus.tag_schemes import may_follow

Floats = NDArray[np.float32]
FORBIDDEN = np.float32(-1e6)


def allowed(tags: Sequence[str]) -> tuple[Floats, Floats, Floats]:
    """What BIOES forbids, as scores to be added: of each pair [tags, tags], of each first and last tag [tags]."""
    pairs = np.array([[0 if may_follow(one, two) else FORBIDDEN for two in tags] for one in tags], np.float32)
    first = np.array([0 if may_follow("", tag) else FORBIDDEN for tag in tags], np.float32)
    last = np.array([0 if may_follow(tag, "") else FORBIDDEN for tag in tags], np.float32)
    return pairs, first, last


def best_path(scores: Floats, pairs: Floats, first: Floats, last: Floats, lengths: Sequence[int]) -> list[list[int]]:
    """The best tag ids of each sentence of a batch; `scores` [sentences, words, tags], padded at the end.

    A path's score is the sum of its tags' scores, of `pairs` [tags, tags] of neighbours, and of the `first` and `last`
    tag's [tags].
    """
    sentences, words, tags = scores.shape
    ends = np.asarray(lengths)
    best = scores[:, 0] + first  # [sentences, tags]
    came = np.zeros((words, sentences, tags), np.int64)
    for word in range(1, words):
        ways = best[:, :, None] + pairs  # [sentences, tags before, tags]
        came[word] = ways.argmax(axis=1)
        grown = np.take_along_axis(ways, came[word][:, None], axis=1)[:, 0] + scores[:, word]
        best = np.where((word < ends)[:, None], grown, best)
    tag = (best + last).argmax(axis=1)  # [sentences]
    paths = np.zeros((sentences, words), np.int64)
    for word in range(words - 1, -1, -1):
        inside = word < ends
        paths[inside, word] = tag[inside]
        before = came[word, np.arange(sentences), tag]
        tag = np.where(inside & (word > 0), before, tag)
    return [path[:length].tolist() for path, length in zip(paths, lengths, strict=True)]
