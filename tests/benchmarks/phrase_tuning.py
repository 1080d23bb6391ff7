"""Translations of the validation sentences with their features -> weights that give the highest BLEU.

As in minimum error rate training (Och 2003): translate, put the n-best translations of all rounds together, look for
weights that choose well among them, and translate again with these; the search is a random walk that goes uphill.
"""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from phrase_decoder import FEATURES, Decoder

Floats = np.ndarray
ROUNDS = 4
NBEST = 100
TRIES = 3000
LONGEST = 4  # of the n-grams of BLEU
BEGINNING = {"language": 0.5, "distortion": 0.1, "words": 0.5, "phrases": 0.0, "unknown": 1.0}


def beginning() -> Floats:
    """Weights [features] before any tuning."""
    return np.array([BEGINNING.get(name, 0.2) for name in FEATURES])


def matches(said: Sequence[str], wanted: Sequence[str]) -> list[int]:
    """What BLEU is made of: words said and wanted, then matching and possible n-grams of each length."""
    found = [len(said), len(wanted)]
    for n in range(1, LONGEST + 1):
        ours, theirs = (Counter(zip(*(words[k:] for k in range(n)), strict=False)) for words in (said, wanted))
        found += [sum((ours & theirs).values()), max(0, len(said) - n + 1)]
    return found


def bleu(sums: Floats) -> float:
    """BLEU (Papineni et al. 2002) of summed `matches`, 0 to 1."""
    said, wanted, *grams = sums.tolist()
    if not all(grams):
        return 0.0
    precision = sum(math.log(grams[i] / grams[i + 1]) for i in range(0, 2 * LONGEST, 2)) / LONGEST
    return math.exp(precision + min(0.0, 1.0 - wanted / said))


class Pool:
    """Translations of each sentence found so far."""

    def __init__(self, references: Sequence[Sequence[str]]) -> None:
        self.references = references
        self.entries: list[dict[tuple[str, ...], tuple[Floats, list[int]]]] = [{} for _ in references]

    def add(self, decoder: Decoder, sources: Sequence[Sequence[str]]) -> int:
        """Translate all; how many translations are new."""
        before = sum(map(len, self.entries))
        for number, source in enumerate(sources):
            for hypothesis in decoder.decode(source)[:NBEST]:
                words = tuple(hypothesis.words())
                if words not in self.entries[number]:
                    self.entries[number][words] = hypothesis.features(), matches(words, self.references[number])
        return sum(map(len, self.entries)) - before

    def best(self, weights: Floats, seed: int) -> tuple[Floats, float]:
        """Weights [features] that choose the translations of the highest BLEU, and that."""
        features = np.array([entry[0] for entries in self.entries for entry in entries.values()])
        counted = np.array([entry[1] for entries in self.entries for entry in entries.values()])
        owners = np.repeat(np.arange(len(self.entries)), [len(entries) for entries in self.entries])
        starts = np.flatnonzero(np.diff(owners, prepend=-1))

        def reached(weights: Floats) -> float:
            scores = features @ weights
            highest = np.flatnonzero(scores == np.maximum.reduceat(scores, starts)[owners])
            _, first = np.unique(owners[highest], return_index=True)
            return bleu(counted[highest[first]].sum(axis=0))

        generator = np.random.default_rng(seed)
        found, highest = weights, reached(weights)
        for attempt in range(TRIES):
            reach = 0.3 * 0.1 ** (attempt / TRIES)
            moved = generator.random(len(found)) < 0.4
            tried = found + moved * generator.normal(0.0, reach, len(found))
            tried[-1] = found[-1]  # every translation of a sentence has as many unknown words
            if (score := reached(tried)) > highest:
                found, highest = tried, score
        return found / np.abs(found[:-1]).sum(), highest


def tuned(decoder: Decoder, sources: Sequence[Sequence[str]], references: Sequence[Sequence[str]]) -> Decoder:
    """The decoder with the weights that do best on these sentences."""
    pool = Pool(references)
    for number in range(ROUNDS):
        if not (new := pool.add(decoder, sources)):
            break
        weights, reached = pool.best(decoder.weights, number)
        print(f"tuning, round {number + 1}: {new:,} new translations, BLEU {reached:.3f} among all", file=sys.stderr)
        decoder = replace(decoder, weights=weights)
    return decoder
