"""Aligned sentence pairs -> a phrase table: what each phrase may become, and how likely (Koehn, Och & Marcu 2003).

The features of an option are logs of p(target | source), p(source | target) and the two lexical weights; counts of
phrase pairs are discounted, since most of them were seen once (Foster, Kuhn & Johnson 2006).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from phrase_alignment import Links

Phrase = tuple[str, ...]
LONGEST = 7  # words of a phrase
KEPT = 20  # options of a source phrase
UNLIKELY = 1e-7


@dataclass(frozen=True, slots=True)
class Option:
    """What a source phrase may become; `features` are four logs."""

    target: Phrase
    features: tuple[float, ...]


Table = dict[Phrase, list[Option]]


def phrase_table(
    sources: Sequence[Sequence[str]],
    targets: Sequence[Sequence[str]],
    alignments: Sequence[Links],
    longest: int = LONGEST,
) -> Table:
    """Every source phrase with its likeliest translations; words without any get those of the word alignment."""
    ahead, back = lexical(sources, targets, alignments)
    joint: Counter[tuple[Phrase, Phrase]] = Counter()
    weights: dict[tuple[Phrase, Phrase], tuple[float, float]] = {}
    for source, target, links in zip(sources, targets, alignments, strict=True):
        for i, i_end, j, j_end in spans(len(source), len(target), links, longest):
            pair = tuple(source[i:i_end]), tuple(target[j:j_end])
            inside = [(a - i, b - j) for a, b in links if i <= a < i_end and j <= b < j_end]
            weight = weighted(*pair, inside, ahead), weighted(pair[1], pair[0], [(b, a) for a, b in inside], back)
            joint[pair] += 1
            weights[pair] = max(weight, weights.get(pair, weight))
    for (word, said), share in ahead.items():
        if word and said and ((word,), (said,)) not in joint and share > 0.05:
            joint[(word,), (said,)] = 1
            weights[(word,), (said,)] = share, back.get((said, word), UNLIKELY)
    return tabled(joint, weights)


def tabled(joint: Counter[tuple[Phrase, Phrase]], weights: dict[tuple[Phrase, Phrase], tuple[float, float]]) -> Table:
    """Options by their phrase, the likeliest first."""
    by_source: Counter[Phrase] = Counter()
    by_target: Counter[Phrase] = Counter()
    for (source, target), count in joint.items():
        by_source[source] += count
        by_target[target] += count
    once, twice = (sum(count == n for count in joint.values()) for n in (1, 2))
    discount = once / (once + 2 * twice) if once else 0.0
    table: Table = defaultdict(list)
    for (source, target), count in joint.items():
        left = count - discount
        shares = left / by_source[source], left / by_target[target], *weights[source, target]
        table[source].append(Option(target, tuple(math.log(max(share, UNLIKELY)) for share in shares)))
    for source, options in table.items():
        table[source] = sorted(options, key=lambda option: -sum(option.features))[:KEPT]
    return dict(table)


def spans(width: int, length: int, links: Links, longest: int = LONGEST) -> Iterator[tuple[int, int, int, int]]:
    """Ends of source and of target phrases that hold a link, and none that leads out of them; in words, `longest`."""
    linked = {j for _, j in links}
    for i in range(width):
        for i_end in range(i + 1, min(width, i + longest) + 1):
            places = [j for a, j in links if i <= a < i_end]
            if not places:
                continue
            low, high = min(places), max(places) + 1
            if high - low > longest or any(low <= j < high and not i <= a < i_end for a, j in links):
                continue
            first = low
            while first >= 0 and (first == low or first not in linked):
                last = high
                while last <= length and last - first <= longest and (last == high or last - 1 not in linked):
                    yield i, i_end, first, last
                    last += 1
                first -= 1


def lexical(
    sources: Sequence[Sequence[str]], targets: Sequence[Sequence[str]], alignments: Sequence[Links]
) -> tuple[dict[tuple[str, str], float], dict[tuple[str, str], float]]:
    """Shares (source word, target word) -> p(target | source), and the other way round; "" is no word."""
    counts: Counter[tuple[str, str]] = Counter()
    for source, target, links in zip(sources, targets, alignments, strict=True):
        counts.update((source[i], target[j]) for i, j in links)
        counts.update((word, "") for i, word in enumerate(source) if all(a != i for a, _ in links))
        counts.update(("", word) for j, word in enumerate(target) if all(b != j for _, b in links))
    by_source: Counter[str] = Counter()
    by_target: Counter[str] = Counter()
    for (source_word, target_word), count in counts.items():
        by_source[source_word] += count
        by_target[target_word] += count
    ahead = {pair: count / by_source[pair[0]] for pair, count in counts.items()}
    back = {(b, a): count / by_target[b] for (a, b), count in counts.items()}
    return ahead, back


def weighted(
    given: Phrase, said: Phrase, links: Sequence[tuple[int, int]], shares: dict[tuple[str, str], float]
) -> float:
    """Product over the words said of the mean share of the words given that they are linked to."""
    product = 1.0
    for j, word in enumerate(said):
        origins = [given[i] for i, b in links if b == j] or [""]
        product *= sum(shares.get((origin, word), UNLIKELY) for origin in origins) / len(origins)
    return product
