"""A model and exchanges -> every measure, in one report."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from chatbot.corpus.counts import Progress, silent
from chatbot.errors import BundleError
from chatbot.evaluation.context_swap import score_swapped
from chatbot.evaluation.exchanges import Exchanges, evenly, folds_case, unknown_words
from chatbot.evaluation.generation import Answer, generate_replies
from chatbot.evaluation.likelihood import (
    Floats,
    Likelihood,
    Score,
    likelihood,
    perplexity,
    score_replies,
    spelling_costs,
)
from chatbot.evaluation.replies import ReplyMeasures, measure_replies
from chatbot.settings import DecodingSettings
from chatbot.text.special import OTHER_ID, SELF_ID
from chatbot.text.tokenizer import Tokenizer

SHOWN = 40  # replies kept to be looked at
SWAPPED = 2000  # exchanges scored a second time, with another's context


@dataclass(frozen=True, slots=True)
class ContextSwap:
    """The same replies after their own contexts and after strangers'."""

    replies: int
    word_perplexity: float
    swapped_word_perplexity: float

    def as_dict(self) -> dict[str, Any]:
        """Everything, and how many times worse a stranger's context is."""
        return {**asdict(self), "ratio": self.swapped_word_perplexity / self.word_perplexity}


@dataclass(frozen=True, slots=True)
class Sample:
    """What was said, what the model replied, and what a person did."""

    prompt: str
    reply: str
    human: str


@dataclass(frozen=True, slots=True)
class Report:
    """`replies` has a row "model", "human" and "random" each, or none where none were generated."""

    likelihood: Likelihood
    context_swap: ContextSwap | None  # None for a single exchange
    replies: dict[str, ReplyMeasures]
    settings: DecodingSettings
    context_turns: int
    random_from: str
    folds_case: bool
    seconds: dict[str, float]
    samples: tuple[Sample, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Everything, for JSON."""
        return {
            "likelihood": self.likelihood.as_dict(),
            "context_swap": self.context_swap and self.context_swap.as_dict(),
            "replies": {name: row.as_dict() for name, row in self.replies.items()},
            "decoding": asdict(self.settings),
            "context_turns": self.context_turns,
            "folds_case": self.folds_case,
            "seconds": self.seconds,
            "samples": [asdict(sample) for sample in self.samples],
        }


def evaluate(
    score: Score,
    answer: Answer,
    tokenizer: Tokenizer,
    exchanges: Exchanges,
    settings: DecodingSettings,
    prompts: int,
    progress: Progress = silent,
) -> Report:
    """Score all exchanges, and a part of them again with contexts swapped; reply to `prompts` of them, 0 for none.

    `answer` replies as a conversation under these settings does, so that what is measured is what is said. Raises
    `BundleError` for a model whose scores are not numbers.
    """
    began = time.perf_counter()
    nll = score_replies(score, exchanges.sources, exchanges.targets, progress)
    if not np.isfinite(nll).all():
        raise BundleError("the model is damaged: it gives replies log-probabilities that are no finite numbers")
    scored = time.perf_counter()
    words, spelled = unknown_words(exchanges, tokenizer)
    tokens = sum(len(target) + 1 for target in exchanges.targets)
    found = likelihood(nll, tokens, exchanges.reply_bytes, exchanges.reply_words, spelled, words)
    swap = swap_contexts(score, exchanges, nll, spelling_costs(spelled, words), progress)
    swapped = time.perf_counter()
    rows: dict[str, ReplyMeasures] = {}
    samples: tuple[Sample, ...] = ()
    if prompts:
        rows, samples = reply_rows(answer, tokenizer, exchanges, settings.seed or 0, prompts, progress)
    return Report(
        likelihood=found,
        context_swap=swap,
        replies=rows,
        settings=settings,
        context_turns=exchanges.context_turns,
        random_from=exchanges.random_from,
        folds_case=folds_case(tokenizer),
        seconds={
            "scoring": scored - began,
            "context_swap": swapped - scored,
            "replies": time.perf_counter() - swapped,
        },
        samples=samples,
    )


def swap_contexts(
    score: Score, exchanges: Exchanges, nll: Floats, spelling: Floats, progress: Progress
) -> ContextSwap | None:
    """Word perplexity of up to SWAPPED exchanges, evenly spread, with their own contexts (`nll`) and with others'."""
    chosen = evenly(len(exchanges), SWAPPED)
    if len(chosen) < 2:
        return None
    sources, targets = [exchanges.sources[i] for i in chosen], [exchanges.targets[i] for i in chosen]
    strange = score_swapped(score, sources, targets, progress)
    words = int(exchanges.reply_words[chosen].sum()) + len(chosen)
    price = float(spelling[chosen].sum())
    own, other = float(nll[chosen].sum()), float(strange.sum())
    return ContextSwap(len(chosen), perplexity((own + price) / words), perplexity((other + price) / words))


def reply_rows(
    answer: Answer, tokenizer: Tokenizer, exchanges: Exchanges, first_seed: int, prompts: int, progress: Progress
) -> tuple[dict[str, ReplyMeasures], tuple[Sample, ...]]:
    """Measures of the model's replies to `prompts` evenly spread contexts, of the human ones, and of random ones.

    And some of the contexts, replied to.
    """
    chosen = evenly(len(exchanges), prompts)
    said = generate_replies(answer, [exchanges.sources[i] for i in chosen], first_seed, progress)
    human = [tokenizer.decode(exchanges.targets[i].tolist()) for i in chosen]
    others = [tokenizer.decode(ids.tolist()) for ids in exchanges.random_replies[: len(chosen)]]
    shown = [
        Sample(_turns(exchanges.sources[chosen[k]].tolist(), tokenizer), said[k], human[k])
        for k in evenly(len(chosen), SHOWN)
    ]
    measured = {
        "model": measure_replies(said, human),
        "human": measure_replies(human, human),
        "random": measure_replies(others, human),
    }
    return measured, tuple(shown)


def _turns(source: list[int], tokenizer: Tokenizer) -> str:
    """The turns of a source with a stroke between them."""
    marks = [place for place, one in enumerate(source) if one in (SELF_ID, OTHER_ID)]
    bounds = [0, *(place for place in marks if place), len(source)]
    return " / ".join(tokenizer.decode(source[start:end]) for start, end in pairwise(bounds))
