"""A language model and texts -> how well it foresees them, beside a 5-gram model of the same training texts.

Every id of a text is scored after all that stands before it, up to `CONTEXT` ids, and the end of the text too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chatbot.corpus.counts import Progress, silent
from chatbot.data.texts import TextSplit
from chatbot.decoding.parallel import in_parallel
from chatbot.evaluation.exchanges import Exchanges, unknown_words
from chatbot.evaluation.likelihood import Floats, Likelihood, Score, likelihood
from chatbot.ngram.kneser_ney import NgramModel, joined
from chatbot.text.special import BOS_ID
from chatbot.text.tokenizer import Tokenizer

CONTEXT = 300  # ids read before those scored at once
PIECE = 300  # ids scored at once
TOGETHER = 16  # pieces
ORDER = 5


@dataclass(frozen=True, slots=True)
class TextReport:
    """What a language model and an n-gram model make of the same texts."""

    likelihood: Likelihood
    ngram: Likelihood

    def as_dict(self) -> dict[str, Any]:
        """Everything, for JSON."""
        return {
            "nats_per_token": nats(self.likelihood),
            "token_perplexity": self.likelihood.token_perplexity,
            "likelihood": self.likelihood.as_dict(),
            f"ngram_{ORDER}": {
                "nats_per_token": nats(self.ngram),
                **self.ngram.as_dict(),
            },
        }


def nats(found: Likelihood) -> float:
    """Negative log-likelihood a token, the ends of texts counted; an unknown word is one token, not spelled."""
    return found.nll / found.tokens


def measure_texts(
    score: Score,
    tokenizer: Tokenizer,
    split: TextSplit,
    train: TextSplit,
    limit: int | None,
    progress: Progress = silent,
) -> TextReport:
    """Score the texts of `split`, at most the first `limit` of them."""
    texts = [split.ids(i).astype(np.int32) for i in range(min(len(split), limit or len(split)))]
    bytes_, words = split.bytes[: len(texts)].astype(np.int64), split.words[: len(texts)].astype(np.int64)
    unknown, spelled = unknown_words(Exchanges([], texts, bytes_, words, 0, [], ""), tokenizer)
    tokens = sum(len(text) + 1 for text in texts)
    model = NgramModel.train(joined(train.ids(i) for i in range(len(train))), ORDER, tokenizer.size)
    held_out = joined(texts)
    ngram = -np.add.reduceat(model.log_probs(held_out), np.flatnonzero(held_out == BOS_ID))
    found = score_texts(score, texts, progress)
    facts = (tokens, bytes_, words, spelled, unknown)
    return TextReport(likelihood(found, *facts), likelihood(ngram, *facts))


def score_texts(score: Score, texts: Sequence[Any], progress: Progress = silent) -> Floats:
    """Negative log-likelihood of every text in nats, its end counted, float64 [texts]."""
    pieces = [(i, first) for i, text in enumerate(texts) for first in range(0, len(text) + 1, PIECE)]
    pieces.sort(key=lambda piece: (min(piece[1], CONTEXT), len(texts[piece[0]])))
    batches = [pieces[first : first + TOGETHER] for first in range(0, len(pieces), TOGETHER)]

    def scored(batch: list[tuple[int, int]]) -> list[float]:
        before = [texts[i][max(0, first - CONTEXT) : first].tolist() for i, first in batch]
        wanted = [texts[i][first : first + PIECE].tolist() for i, first in batch]
        found = score(before, wanted)
        ends = [first + PIECE > len(texts[i]) for i, first in batch]  # elsewhere the text goes on
        return [
            -float(np.sum(one if end else one[:-1], dtype=np.float64)) for one, end in zip(found, ends, strict=True)
        ]

    nll, done = np.zeros(len(texts)), 0
    for batch, found in zip(batches, in_parallel(scored, batches), strict=True):
        for (i, _), one in zip(batch, found, strict=True):
            nll[i] += one
        done += len(batch)
        progress("scoring", done, len(pieces))
    return nll
