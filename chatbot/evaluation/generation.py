"""Sources -> the replies a model gives to them, in batches; reply i does not depend on which others are generated."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chatbot.corpus.counts import Progress, silent
from chatbot.decoding.hypothesis import Hypothesis
from chatbot.decoding.search import decode
from chatbot.decoding.stepper import Stepper
from chatbot.evaluation.likelihood import Ids
from chatbot.evaluation.parallel import in_parallel
from chatbot.settings import DecodingSettings
from chatbot.text.tokenizer import Tokenizer

TOGETHER = 32  # sources searched at once


def generate_replies(
    stepper: Stepper,
    tokenizer: Tokenizer,
    sources: Sequence[Ids],
    settings: DecodingSettings,
    progress: Progress = silent,
) -> list[str]:
    """The reply to every source, as a dialogue would choose it; number i has seed (`settings.seed` or 0) + i."""
    replies = [""] * len(sources)
    order = np.argsort([len(source) for source in sources], kind="stable").tolist()
    batches = [order[first : first + TOGETHER] for first in range(0, len(order), TOGETHER)]

    def found(rows: list[int]) -> list[list[Hypothesis]]:
        seeds = [(settings.seed or 0) + i for i in rows]
        return decode(stepper, [sources[i].tolist() for i in rows], settings, seeds)

    done = 0
    for rows, several in zip(batches, in_parallel(found, batches), strict=True):
        for i, hypotheses in zip(rows, several, strict=True):
            replies[i] = best_text(hypotheses, tokenizer)
        done += len(rows)
        progress("replying", done, len(order))
    return replies


def best_text(hypotheses: Sequence[Hypothesis], tokenizer: Tokenizer) -> str:
    """The text of the best hypothesis that says anything; empty where none does."""
    texts = (tokenizer.decode(hypothesis.ids).strip() for hypothesis in hypotheses)
    return next(filter(None, texts), "")
