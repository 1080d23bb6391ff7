"""A split scored by the graph that is trained -> the measures of the README."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from chatbot.data.batches import Batched
from chatbot.training.step import Step

WHOLE = 1_000_000  # no reply is cut


@dataclass(frozen=True, slots=True)
class Measures:
    """Teacher-forced on whole replies or texts, eos counted, padding not."""

    examples: int
    bits_per_byte: float  # NLL / ln 2 / UTF-8 bytes of the replies
    word_perplexity: float  # exp(NLL / (words + examples))
    token_perplexity: float  # exp(NLL / ids), eos among them; of a tagger, of a tag
    f1: float | None = None  # of a tagger's spans

    @property
    def loss(self) -> float:
        """What the best weights have least of: bits per byte, or of a tagger what F1 lacks."""
        return self.bits_per_byte if self.f1 is None else 1.0 - self.f1

    @property
    def summary(self) -> str:
        """What matters of it, in words."""
        if self.f1 is not None:
            return f"span F1 {100 * self.f1:.2f}, {math.log(self.token_perplexity):.4f} nats a word"
        return f"{self.bits_per_byte:.4f} bits per byte, word perplexity {self.word_perplexity:.2f}"

    def as_dict(self) -> dict[str, float]:
        """What was measured, by name."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def validate(
    graph: Step,
    batches: Batched,
    most: int | None = None,
    advance: Callable[[int], object] = lambda _: None,
    extra: Callable[[Step, Any], float] | None = None,
) -> Measures:
    """Measures over the examples of `batches`, or over an even sample of about `most` of them.

    `advance` is told the number of examples after every batch; `extra` measures F1, where that is what counts.
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
        f1=extra(graph, batches) if extra else None,
    )


def _exp(value: float) -> float:
    return math.exp(value) if value < 700 else math.inf
