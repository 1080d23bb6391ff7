"""Texts that hold all the words looked for -> how well each holds them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from chatbot.store.snippets import folded, pattern_of

SATURATION, LENGTH = 1.2, 0.75  # k1 and b of BM25
READ = 10_000  # characters of a text that count


def scores(texts: Iterable[str], words: Sequence[str], in_parts: bool) -> list[float]:
    """One score a text, more is better: what repeats the words is, and what is short.

    BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, equation 3.15)
    without the weights of rare words, for every text holds every word. Lengths are in characters; the average is that
    of these texts.
    """
    patterns = [re.compile(pattern_of(word, in_parts)) for word in words]
    lines = [folded(text[:READ])[0] for text in texts]
    average = max(1.0, sum(map(len, lines)) / max(1, len(lines)))
    return [
        sum(_weight(sum(1 for _ in pattern.finditer(line)), len(line) / average) for pattern in patterns)
        for line in lines
    ]


def _weight(count: int, length: float) -> float:
    count = max(1, count)  # the index may read a letter as another that is not told from it here
    return count / (count + SATURATION * (1 - LENGTH + LENGTH * length))
