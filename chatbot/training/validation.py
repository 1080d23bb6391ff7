"""A split scored by the graph that is trained -> the measures of the README."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from chatbot.data.batches import Batched
from chatbot.training.step import Step

WHOLE = 1_000_000  # no reply is cut


@dataclass(frozen=True, slots=True)
class Measures:
    """Teacher-forced on whole replies or texts, eos counted, padding not."""

    examples: int
    bits_per_byte: float  # NLL / ln 2 / UTF-8 bytes of the replies
    word_perplexity: float  # exp(NLL / (words + examples))
    token_perplexity: float  # exp(NLL / ids), eos among them


def validate(
    graph: Step, batches: Batched, most: int | None = None, advance: Callable[[int], object] = lambda _: None
) -> Measures:
    """Measures over the examples of `batches`, or over an even sample of about `most` of them.

    `advance` is told the number of examples after every batch.
    """
    sample, nll, ids = batches.sample(most), 0.0, 0
    for members in sample.plan:
        batch = batches.collate_sample(members)
        nll += float(graph.score(batch).sum())
        ids += batch.tokens
        advance(len(members))
    return Measures(
        examples=sample.examples,
        bits_per_byte=nll / math.log(2) / max(1, sample.bytes),
        word_perplexity=_exp(nll / (sample.words + sample.examples)),
        token_perplexity=_exp(nll / ids),
    )


def _exp(value: float) -> float:
    return math.exp(value) if value < 700 else math.inf
