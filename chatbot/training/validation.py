"""A split scored by the graph that is trained, and an n-gram table where there is one -> the measures of the README."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from chatbot.data.batches import Batched
from chatbot.ngram.counting import foreseen
from chatbot.ngram.mixing import best_share, mixed
from chatbot.ngram.table import NgramTable
from chatbot.text.special import PAD_ID
from chatbot.training.step import Step

WHOLE = 1_000_000  # no reply is cut


@dataclass(frozen=True, slots=True)
class Measures:
    """Teacher-forced on whole replies or texts, eos counted, padding not.

    With an n-gram table these are measures of network and table together, in the share that makes the ids likeliest.
    """

    examples: int
    bits_per_byte: float  # NLL / ln 2 / UTF-8 bytes of the replies
    word_perplexity: float  # exp(NLL / (words + examples))
    token_perplexity: float  # exp(NLL / ids), eos among them; of a tagger, of a tag
    f1: float | None = None  # of a tagger's spans
    ngram_share: float | None = None  # of an n-gram model in each probability
    network_bits_per_byte: float | None = None  # of the network without it

    @property
    def loss(self) -> float:
        """What the best weights have least of: bits per byte, or of a tagger what F1 lacks."""
        return self.bits_per_byte if self.f1 is None else 1.0 - self.f1

    @property
    def summary(self) -> str:
        """What matters of it, in words."""
        if self.f1 is not None:
            return f"span F1 {100 * self.f1:.2f}, {math.log(self.token_perplexity):.4f} nats a word"
        alone = self.network_bits_per_byte
        without = "" if alone is None else f" ({alone:.4f} without its n-grams)"
        return f"{self.bits_per_byte:.4f} bits per byte{without}, word perplexity {self.word_perplexity:.2f}"

    def as_dict(self) -> dict[str, float]:
        """What was measured, by name."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def validate(
    graph: Step,
    batches: Batched,
    most: int | None = None,
    advance: Callable[[int], object] = lambda _: None,
    extra: Callable[[Step, Any], float] | None = None,
    table: NgramTable | None = None,
) -> Measures:
    """Measures over the examples of `batches`, or over an even sample of about `most` of them.

    `advance` is told the number of examples after every batch; `extra` measures F1, where that is what counts.
    """
    sample, nll, ids = batches.sample(most), 0.0, 0
    own, known = [], []  # log-probabilities of all ids, by the network and by the table
    for members in sample.plan:
        batch = batches.collate_sample(members)
        scored = graph.score(batch)  # [batch, time]
        nll += float(scored.sum())
        ids += batch.tokens
        if table is not None:
            own.append(-scored[batch.arrays[-1] != PAD_ID])
            known.append(foreseen(table, batch.arrays[-1]))
        advance(len(members))
    bits = math.log(2) * max(1, sample.bytes)  # nats to bits per byte
    share, alone = None, None
    if own:
        both = np.concatenate(own), np.concatenate(known)
        share, alone = best_share(*both), nll / bits
        nll = -float(mixed(*both, share).sum())
    return Measures(
        examples=sample.examples,
        bits_per_byte=nll / bits,
        word_perplexity=_exp(nll / (sample.words + sample.examples)),
        token_perplexity=_exp(nll / ids),
        f1=extra(graph, batches) if extra else None,
        ngram_share=share,
        network_bits_per_byte=alone,
    )


def _exp(value: float) -> float:
    return math.exp(value) if value < 700 else math.inf
