"""Replies and what a model thought of them -> bits per byte and word perplexity, the measures of the README.

Teacher-forced: each reply given its context, the end of the reply (eos) scored, padding not, no reply cut.

    bits_per_byte   = total / ln 2 / UTF-8 bytes of the replies
    word_perplexity = exp(total / (words + replies))         each reply's end counts as one more word

total is the negative log-likelihood in nats, plus the spelling of unknown words where a tokenizer has any: (bytes of
the word + 1) ln 256 each, a uniform code over bytes in which 0xFF, never part of UTF-8, ends the word.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chatbot.corpus.counts import Progress, silent
from chatbot.decoding.parallel import in_parallel

Ids = NDArray[np.int32]
Sequences = Sequence[Sequence[int]]
Score = Callable[[Sequences, Sequences], Sequence[NDArray[np.float32]]]
"""(sources, targets without eos) -> natural log-probabilities of each target's ids and of eos after them."""

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

TOGETHER = 256  # exchanges handed over at once; whoever scores them may cut them further
BLOCKS = 50
DRAWS = 1000


@dataclass(frozen=True, slots=True)
class Likelihood:
    """Sums over the replies scored; `bits` and `perplexities` hold the ends of 95 % intervals."""

    replies: int
    words: int
    bytes: int
    tokens: int  # eos among them
    unknown_words: int
    nll: float  # nats, without spelling
    spelling: float  # nats
    bits: tuple[float, float]
    perplexities: tuple[float, float]

    @property
    def bits_per_byte(self) -> float:
        """Total negative log-likelihood in bits over UTF-8 bytes."""
        return (self.nll + self.spelling) / math.log(2) / self.bytes

    @property
    def word_perplexity(self) -> float:
        """Exp of the total negative log-likelihood over words and reply ends."""
        return perplexity((self.nll + self.spelling) / (self.words + self.replies))

    @property
    def token_perplexity(self) -> float:
        """Exp of the negative log-likelihood a token, eos among them; an unknown word is one token, not spelled.

        Of a word list this is the perplexity that papers on closed vocabularies give.
        """
        return perplexity(self.nll / self.tokens)

    def as_dict(self) -> dict[str, Any]:
        """Everything, for JSON."""
        return {
            "bits_per_byte": self.bits_per_byte,
            "bits_per_byte_interval": list(self.bits),
            "word_perplexity": self.word_perplexity,
            "word_perplexity_interval": list(self.perplexities),
            "token_perplexity": self.token_perplexity,
            "replies": self.replies,
            "words": self.words,
            "bytes": self.bytes,
            "tokens": self.tokens,
            "unknown_words": self.unknown_words,
            "nll": self.nll,
            "spelling_nll": self.spelling,
        }


def score_replies(score: Score, sources: Sequence[Ids], targets: Sequence[Ids], progress: Progress = silent) -> Floats:
    """Negative log-likelihood of every reply in nats, float64 [replies], in the order given.

    Exchanges of like length are scored together; which ones depends on the lengths alone.
    """
    nll = np.zeros(len(targets))
    order = np.lexsort(([len(t) for t in targets], [len(s) for s in sources]))
    batches = [order[first : first + TOGETHER] for first in range(0, len(order), TOGETHER)]

    def scored(rows: Integers) -> list[float]:
        found = score([sources[i].tolist() for i in rows], [targets[i].tolist() for i in rows])
        return [-float(np.sum(one, dtype=np.float64)) for one in found]

    done = 0
    for rows, found in zip(batches, in_parallel(scored, batches), strict=True):
        nll[rows] = found
        done += len(rows)
        progress("scoring", done, len(order))
    return nll


def spelling_costs(unknown_bytes: Integers, unknown_words: Integers) -> Floats:
    """Nats each reply pays for the spelling of its unknown words: (their bytes + one end each) ln 256. [replies]"""
    return (unknown_bytes + unknown_words).astype(np.float64) * math.log(256)


def likelihood(
    nll: Floats,
    tokens: int,
    reply_bytes: Integers,
    reply_words: Integers,
    unknown_bytes: Integers | None = None,
    unknown_words: Integers | None = None,
) -> Likelihood:
    """Put the sums together; all arrays [replies]. `tokens` counts eos too."""
    none = np.zeros(len(nll), np.int64)
    unknown_words = none if unknown_words is None else unknown_words
    spelling = spelling_costs(none if unknown_bytes is None else unknown_bytes, unknown_words)
    total = nll + spelling
    per_byte = ratio_interval(total, reply_bytes)
    per_word = ratio_interval(total, reply_words.astype(np.int64) + 1)
    return Likelihood(
        replies=len(nll),
        words=int(reply_words.sum(dtype=np.int64)),
        bytes=int(reply_bytes.sum(dtype=np.int64)),
        tokens=tokens,
        unknown_words=int(unknown_words.sum()),
        nll=float(nll.sum()),
        spelling=float(spelling.sum()),
        bits=(per_byte[0] / math.log(2), per_byte[1] / math.log(2)),
        perplexities=(perplexity(per_word[0]), perplexity(per_word[1])),
    )


def perplexity(nats: float) -> float:
    """Exp of nats a word, at most exp(700), which a float still holds."""
    return math.exp(min(nats, 700.0))


def ratio_interval(above: Floats, below: Integers) -> tuple[float, float]:
    """The 95 % interval of sum above / sum below by the bootstrap (Efron 1979) over contiguous blocks.

    Neighbouring replies are of one movie and alike, so blocks of neighbours are drawn, not replies: 50 of them, each
    about a movie of a Cornell split. The draws are the same every time.
    """
    blocks = min(BLOCKS, len(above))
    starts = np.arange(blocks) * len(above) // blocks
    tops, bottoms = np.add.reduceat(above, starts), np.add.reduceat(below.astype(np.float64), starts)
    drawn = np.random.default_rng(0).integers(0, blocks, (DRAWS, blocks))
    low, high = np.quantile(tops[drawn].sum(axis=1) / bottoms[drawn].sum(axis=1), [0.025, 0.975])
    return float(low), float(high)
