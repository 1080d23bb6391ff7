"""How much one text says again of another: shares from 0 (nothing) to 1 (all of it)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from chatbot.text.words import WORD

LONGEST = 6  # characters of an n-gram, as in chrF
WORDS = re.compile(WORD)


def repeated(reply: str, before: str) -> float:
    """The share of the reply's words that `before` holds, averaged with that of its word trigrams if it has any."""
    said, known = _words(reply), _words(before)
    shares = [_share(set(_ngrams(said, n)), set(_ngrams(known, n))) for n in (1, 3) if len(said) >= n]
    return sum(shares) / len(shares) if shares else 0.0


def says_twice(text: str, size: int) -> bool:
    """Whether a text says some `size` words in a row twice, punctuation marks among them; never where size is 0."""
    grams = _ngrams(WORDS.findall(text), size) if size else []
    return len(set(grams)) < len(grams)


def similarity(one: str, other: str) -> float:
    """Mean F1 of character n-grams of 1 to 6 without white space (chrF with beta 1, Popović 2015)."""
    letters = ["".join(text.casefold().split()) for text in (one, other)]
    found = []
    for size in range(1, LONGEST + 1):
        first, second = (Counter(_ngrams(text, size)) for text in letters)
        if first and second:
            found.append(2 * (first & second).total() / (first.total() + second.total()))
    return sum(found) / len(found) if found else 0.0


def _words(text: str) -> list[str]:
    return [word for word in WORDS.findall(text.casefold()) if word[0].isalnum()]


def _ngrams(sequence: Sequence[str], size: int) -> list[tuple[str, ...]]:
    return [tuple(sequence[start : start + size]) for start in range(len(sequence) - size + 1)]


def _share(some: set[tuple[str, ...]], known: set[tuple[str, ...]]) -> float:
    return len(some & known) / len(some)
