"""Sentence pairs -> which words translate which: IBM model 1, then a hidden Markov model, in both directions, joined.

Brown et al. 1993 (model 1); Vogel, Ney & Tillmann 1996 (the HMM: a word's place depends on the place before); Och & Ney
2003 (its empty word, smoothed jumps); Koehn, Och & Marcu 2003 (grow-diag-final-and).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Links = set[tuple[int, int]]  # (place in the source, place in the target)
Floats = NDArray[np.float64]
Sentences = Sequence[Sequence[str]]

NULL = 0  # id of the empty source word
ROUNDS = 5  # of each model
EMPTY = 0.2  # probability that a target word comes from no source word
SMOOTHING = 0.2  # share of uniform jumps
FARTHEST = 30  # longer jumps are counted as this long
NEIGHBOURS = tuple((a, b) for a in (-1, 0, 1) for b in (-1, 0, 1) if (a, b) != (0, 0))


def aligned(sources: Sentences, targets: Sentences) -> list[Links]:
    """The links of every pair of sentences, the two directions joined by grow-diag-final-and."""
    forward, backward = one_way(sources, targets), one_way(targets, sources)
    pairs = zip(forward, backward, strict=True)
    return [grown(ahead, {(i, j) for j, i in back}) for ahead, back in pairs]


def one_way(sources: Sentences, targets: Sentences) -> list[Links]:
    """Each target word linked to the source word that it comes from, or to none."""
    groups, pairs = grouped(sources, targets)
    table = np.ones(len(pairs))  # of each pair (source word, target word), in proportion to t(target | source)
    for _ in range(ROUNDS):
        counts = np.zeros(len(pairs))
        for _, places in groups:
            posterior = table[places]
            posterior /= posterior.sum(axis=1, keepdims=True)
            counts += np.bincount(places.ravel(), posterior.ravel(), len(pairs))
        table = normalised(counts, pairs)
    jumps = np.ones(2 * FARTHEST + 1)
    for _ in range(ROUNDS):
        counts, jumped = np.zeros(len(pairs)), np.zeros(len(jumps))
        for _, places in groups:
            posterior = through(table[places], jumps, jumped)
            counts += np.bincount(places.ravel(), posterior.ravel(), len(pairs))
        table, jumps = normalised(counts, pairs), jumped
    links: list[Links] = [set() for _ in sources]
    for numbers, places in groups:
        origins = through(table[places], jumps, np.zeros(len(jumps))).argmax(axis=1)  # [sentences, target places]
        for number, row in zip(numbers, origins, strict=True):
            links[number] = {(int(i) - 1, j) for j, i in enumerate(row) if i}
    return links


def grouped(
    sources: Sentences, targets: Sentences
) -> tuple[list[tuple[list[int], NDArray[np.int64]]], NDArray[np.int64]]:
    """Sentences of equal lengths together, and the source word of every pair of words that occurs in one sentence pair.

    A group is the sentences' numbers and, [sentences, 1 + source places, target places], which pair stands there.
    """
    known: tuple[dict[str, int], dict[str, int]] = ({"": NULL}, {})
    shapes: dict[tuple[int, int], list[int]] = defaultdict(list)
    coded = []
    for number, sentences in enumerate(zip(sources, targets, strict=True)):
        coded.append(
            [[ids.setdefault(w, len(ids)) for w in words] for ids, words in zip(known, sentences, strict=True)]
        )
        shapes[len(sentences[0]), len(sentences[1])].append(number)
    size, codes = len(known[1]), []
    for numbers in shapes.values():
        source = np.array([[NULL, *coded[n][0]] for n in numbers])
        target = np.array([coded[n][1] for n in numbers])
        codes.append(source[:, :, None] * size + target[:, None, :])
    pairs, inverse = np.unique(np.concatenate([code.ravel() for code in codes]), return_inverse=True)
    ends = np.cumsum([code.size for code in codes])
    parts = [part.reshape(code.shape) for part, code in zip(np.split(inverse, ends[:-1]), codes, strict=True)]
    return list(zip(shapes.values(), parts, strict=True)), pairs // size


def normalised(counts: Floats, source_words: NDArray[np.int64]) -> Floats:
    """t(target | source) of counted pairs."""
    totals = np.bincount(source_words, counts)
    return counts / np.maximum(totals[source_words], 1e-300) + 1e-12


def through(emissions: Floats, jumps: Floats, jumped: Floats) -> Floats:
    """Posterior [sentences, 1 + source places, target places] of each word's origin; jumps are added to `jumped`.

    A state is a source place, and whether the target word came from it or, it being the latest one used, from nothing.
    """
    empty, emissions = emissions[:, 0], emissions[:, 1:]
    count, width, length = emissions.shape
    leaps = np.arange(width)[None, :] - np.arange(-1, width)[:, None]  # [1 + places, places], the first from the start
    leaps = np.clip(leaps, -FARTHEST, FARTHEST) + FARTHEST
    moves = jumps[leaps] / jumps[leaps].sum(axis=1, keepdims=True)
    moves = (1 - EMPTY) * ((1 - SMOOTHING) * moves + SMOOTHING / width)
    used, unused = np.empty((length, count, width)), np.empty((length, count, width))
    scales = np.empty((length, count, 1))
    for j in range(length):
        before = used[j - 1] + unused[j - 1] if j else np.full((count, width), 1 / width)
        used[j] = (before @ moves[1:] if j else moves[0]) * emissions[:, :, j]
        unused[j] = before * EMPTY * empty[:, j, None]
        scales[j] = (used[j] + unused[j]).sum(axis=1, keepdims=True)
        used[j] /= scales[j]
        unused[j] /= scales[j]
    after, found = np.ones((count, width)), np.empty((count, 1 + width, length))
    summed = np.zeros_like(moves)
    for j in reversed(range(length)):
        found[:, 1:, j] = used[j] * after
        found[:, 0, j] = (unused[j] * after).sum(axis=1)
        reached = emissions[:, :, j] * after / scales[j]  # [sentences, places]
        if j:
            before = used[j - 1] + unused[j - 1]
            summed[1:] += moves[1:] * (before.T @ reached)
            after = reached @ moves[1:].T + EMPTY * empty[:, j, None] * after / scales[j]
        else:
            summed[0] += moves[0] * reached.sum(axis=0)
    np.add.at(jumped, leaps, summed)
    return found / found.sum(axis=1, keepdims=True)


def grown(forward: Links, backward: Links) -> Links:
    """grow-diag-final-and: the links of both directions, their neighbours in either, then those of lone words."""
    found, either = forward & backward, forward | backward
    sources, targets = {i for i, _ in found}, {j for _, j in found}

    def add(link: tuple[int, int]) -> None:
        found.add(link)
        sources.add(link[0])
        targets.add(link[1])

    waiting = sorted(found)
    while waiting:
        i, j = waiting.pop(0)
        for a, b in NEIGHBOURS:
            near = (i + a, j + b)
            if near in either and near not in found and (near[0] not in sources or near[1] not in targets):
                add(near)
                waiting.append(near)
    for links in (forward, backward):
        for link in sorted(links):
            if link[0] not in sources and link[1] not in targets:
                add(link)
    return found
