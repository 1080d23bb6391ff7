"""A split scored by the graph that is trained -> the measures of the README."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from chatbot.data.batches import Batch, Batches
from chatbot.training.tensorflow_step import TensorFlowStep

WHOLE = 1_000_000  # no reply is cut


@dataclass(frozen=True, slots=True)
class Measures:
    """Teacher-forced on whole replies, eos counted, padding not."""

    examples: int
    bits_per_byte: float  # NLL / ln 2 / UTF-8 bytes of the replies
    word_perplexity: float  # exp(NLL / (words + replies))
    token_perplexity: float  # exp(NLL / ids), eos among them


def validate(
    graph: TensorFlowStep, batches: Batches, most: int | None = None, advance: Callable[[int], object] = lambda _: None
) -> Measures:
    """Measures over the examples of `batches`, or over an even sample of about `most` of them.

    `advance` is told the number of examples after every batch.
    """
    plan = batches.in_order()
    if most is not None and len(batches.targets) > most:
        stride = math.ceil(len(batches.targets) / most)
        plan = [members[members % stride == 0] for members in plan]
        plan = [members for members in plan if len(members)]
    nll, ids = 0.0, 0
    size, words = batches.split.reply_bytes(), batches.split.reply_words()
    for members in plan:
        batch: Batch = batches.collate(members)
        nll += float(graph.score(batch).sum())
        ids += batch.tokens
        advance(len(members))
    scored = np.concatenate(plan)
    return Measures(
        examples=len(scored),
        bits_per_byte=nll / math.log(2) / max(1, int(size[scored].sum())),
        word_perplexity=_exp(nll / (int(words[scored].sum()) + len(scored))),
        token_perplexity=_exp(nll / ids),
    )


def _exp(value: float) -> float:
    return math.exp(value) if value < 700 else math.inf
