"""Texts and their references -> chrF: how far two texts agree in their runs of characters, 0 to 100.

Maja Popović, "chrF: character n-gram F-score for automatic MT evaluation", WMT 2015. The measure is that of sacreBLEU's
signature nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no: white space does not count, and precision and recall are means
over the sizes of which both texts hold any.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

ORDER = 6  # characters of the longest run
BETA = 2.0  # how many times recall counts as much as precision

Counts = list[tuple[int, int, int]]  # for each size: runs in both, in the text, in the reference


def chrf(text: str, reference: str, beta: float = BETA) -> float:
    """ChrF of one text; 0 where nothing is shared, and where either is empty."""
    return _score(_counts(text, reference), beta)


def corpus_chrf(pairs: Iterable[tuple[str, str]], beta: float = BETA) -> float:
    """ChrF of many (text, reference) together: runs are counted over all of them."""
    totals: Counts = [(0, 0, 0)] * ORDER
    for text, reference in pairs:
        found = _counts(text, reference)
        totals = [(a + x, b + y, c + z) for (a, b, c), (x, y, z) in zip(totals, found, strict=True)]
    return _score(totals, beta)


def _counts(text: str, reference: str) -> Counts:
    letters, wanted = ("".join(one.split()) for one in (text, reference))
    counts = []
    for size in range(1, ORDER + 1):
        said, due = _runs(letters, size), _runs(wanted, size)
        counts.append(((said & due).total(), said.total(), due.total()))
    return counts


def _runs(letters: str, size: int) -> Counter[str]:
    return Counter(letters[start : start + size] for start in range(len(letters) - size + 1))


def _score(counts: Sequence[tuple[int, int, int]], beta: float) -> float:
    effective = [one for one in counts if one[1] and one[2]]
    if not effective:
        return 0.0
    precision = sum(shared / said for shared, said, _ in effective) / len(effective)
    recall = sum(shared / due for shared, _, due in effective) / len(effective)
    if not precision + recall:
        return 0.0
    return 100 * (1 + beta**2) * precision * recall / (beta**2 * precision + recall)
