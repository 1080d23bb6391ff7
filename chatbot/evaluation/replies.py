"""Generated replies -> how varied, long, repetitive and human they are; closeness to the human row is the aim.

Words are those of `text.words`, case kept. Over all replies of a row, with h and q counts of words in the human replies
and in this row's, and V the words that occur in either:

    distinct-n    different n-grams / n-grams, within replies, over all replies together (Li et al. 2016)
    kl            sum over V of p ln(p / r), p = (h + 1) / (H + |V|), r = (q + 1) / (Q + |V|), nats, add-one smoothed:
                  KL(human || this row), 0 for the human row itself
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from chatbot.text.words import WORD

_SAID = re.compile(f"<unk>|{WORD}")  # what a tokenizer could not spell is one word

Words = tuple[str, ...]


def words_of(text: str) -> Words:
    """The words of a decoded reply, punctuation marks among them."""
    return tuple(_SAID.findall(text))


@dataclass(frozen=True, slots=True)
class ReplyMeasures:
    """One row: measures of a set of replies."""

    replies: int
    distinct_1: float
    distinct_2: float
    mean_length: float  # words
    commonest: str
    commonest_share: float  # of the replies
    repeated_trigram_share: float  # of the replies
    kl: float  # nats

    def as_dict(self) -> dict[str, Any]:
        """Everything, for JSON."""
        return asdict(self)


def measure_replies(replies: Sequence[str], human: Sequence[str]) -> ReplyMeasures:
    """Measure replies against the human ones; at least one reply in each."""
    words = [words_of(text) for text in replies]
    commonest, times = Counter(words).most_common(1)[0]
    return ReplyMeasures(
        replies=len(replies),
        distinct_1=distinct(words, 1),
        distinct_2=distinct(words, 2),
        mean_length=sum(map(len, words)) / len(words),
        commonest=next(text for text in replies if words_of(text) == commonest),
        commonest_share=times / len(words),
        repeated_trigram_share=sum(map(repeats_trigram, words)) / len(words),
        kl=kl_divergence([words_of(text) for text in human], words),
    )


def ngrams(words: Words, n: int) -> list[Words]:
    """The n-grams of one reply, in order."""
    return [words[i : i + n] for i in range(len(words) - n + 1)]


def distinct(replies: Sequence[Words], n: int) -> float:
    """Different n-grams over n-grams; 0 where there are none."""
    found = Counter(gram for words in replies for gram in ngrams(words, n))
    return len(found) / found.total() if found else 0.0


def repeats_trigram(words: Words) -> bool:
    """Whether one reply says some three words in a row twice."""
    grams = ngrams(words, 3)
    return len(set(grams)) < len(grams)


def kl_divergence(human: Sequence[Words], replies: Sequence[Words]) -> float:
    """KL(human || replies) of the word distributions in nats, both add-one smoothed over the words of either."""
    p, r = (Counter(word for words in row for word in words) for row in (human, replies))
    types = p.keys() | r.keys()
    all_p, all_r = p.total() + len(types), r.total() + len(types)
    return math.fsum((p[w] + 1) / all_p * math.log((p[w] + 1) * all_r / ((r[w] + 1) * all_p)) for w in types)
