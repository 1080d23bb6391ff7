"""Prompts -> replies, by the very graph that is trained, in float32.

For what a person sees after each epoch, and for the golden prompts that a bundle carries.

Greedy search runs the whole decoder again for every id. That is slow, and has nothing in common with `inference`,
which is what makes its answers worth comparing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from chatbot.bundle.config import Golden, NetworkSettings
from chatbot.data.context import ContextSettings, source_ids
from chatbot.data.padding import padded
from chatbot.network.seq2seq import Seq2Seq
from chatbot.text.special import EOS_ID, PAD_ID
from chatbot.text.tokenizer import Tokenizer
from chatbot.training.settings import TrainingSettings
from chatbot.training.tensorflow_step import TensorFlowStep, scan

PROMPTS = ("Hello.", "How are you?", "What is your name?", "Where are we going tonight?", "I don't trust him.", "Why?")
GOLDEN_LENGTH = 8
SAFE_MARGIN = 0.01  # nats between the best two ids; rounding differs between libraries by less than a thousandth


class Probe:
    """A float32 twin of the network, to be filled with the weights in question."""

    def __init__(self, network: NetworkSettings, context: ContextSettings, tokenizer: Tokenizer) -> None:
        self.context, self.tokenizer = context, tokenizer
        self.graph = TensorFlowStep(Seq2Seq(network, scan=scan), TrainingSettings())

    def load(self, weights: dict[str, NDArray[np.float32]]) -> None:
        """Take over weights by name."""
        for name, variable in self.graph.network.by_name.items():
            variable.assign(weights[name])

    def replies(self, length: int = 20) -> list[tuple[str, str]]:
        """Each of `PROMPTS` with its greedy reply."""
        found, _ = self.greedy([self._source(prompt) for prompt in PROMPTS], length)
        return [(prompt, self.tokenizer.decode(ids)) for prompt, ids in zip(PROMPTS, found, strict=True)]

    def golden(self, most: int = 3) -> tuple[Golden, ...]:
        """A few prompts with the first ids of their greedy replies, as far as these are beyond doubt."""
        sources = [self._source(prompt) for prompt in PROMPTS]
        found, margins = self.greedy(sources, GOLDEN_LENGTH)
        kept = []
        for source, ids, margin in zip(sources, found, margins, strict=True):
            sure = next((i for i, gap in enumerate(margin[: len(ids)]) if gap < SAFE_MARGIN), len(ids))
            if sure and len(source):
                kept.append(Golden(tuple(source), tuple(ids[:sure])))
        return tuple(sorted(kept, key=lambda golden: -len(golden.reply_ids))[:most])

    def greedy(self, sources: Sequence[list[int]], length: int) -> tuple[list[list[int]], list[list[float]]]:
        """Ids without eos, and the margin (nats) of each step, by plain argmax over all ids."""
        chosen: list[list[int]] = [[] for _ in sources]
        margins: list[list[float]] = [[] for _ in sources]
        for _ in range(length):
            targets = padded([[*ids, EOS_ID] for ids in chosen])  # eos stands where the next id is asked for
            logits = self.graph.logits(padded(sources), targets)  # [sources, time, vocabulary]
            for row, ids in enumerate(chosen):
                if EOS_ID not in ids:
                    second, first = np.argsort(logits[row, len(ids)])[-2:]
                    margins[row].append(float(logits[row, len(ids), first] - logits[row, len(ids), second]))
                    ids.append(int(first))
        return [ids[: ids.index(EOS_ID)] if EOS_ID in ids else ids for ids in chosen], margins

    def _source(self, prompt: str) -> list[int]:
        ids = self.tokenizer.encode(prompt)
        return [i for i in source_ids([ids], [False], self.context) if i != PAD_ID]
