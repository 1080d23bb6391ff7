"""Prompts -> replies, by the very graph that is trained, in float32.

For what a person sees after each epoch, and for the golden prompts that a bundle carries (of the network alone).

Greedy search runs the whole decoder again for every id. That is slow, and has nothing in common with `inference`,
which is what makes its answers worth comparing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from chatbot.bundle.config import Golden, Network
from chatbot.ngram.mixing import mixed
from chatbot.ngram.table import NgramTable
from chatbot.text.special import EOS_ID
from chatbot.text.tokenizer import Tokenizer
from chatbot.training.settings import TrainingSettings
from chatbot.training.step import make_step
from chatbot.training.tasks import Prompt, Task

GOLDEN_LENGTH = 8
SAFE_MARGIN = 0.01  # nats between the best two ids; rounding differs between libraries by less than a thousandth


class Probe:
    """A float32 twin of the network, to be filled with the weights in question."""

    def __init__(self, task: Task, network: Network, tokenizer: Tokenizer, prompts: Sequence[Prompt]) -> None:
        self.task, self.tokenizer, self.prompts = task, tokenizer, prompts
        self.graph = make_step(task.layer, network, TrainingSettings(precision="float32", dropout=0.0))

    def load(self, weights: dict[str, NDArray[np.float32]]) -> None:
        """Take over weights by name."""
        for name, variable in self.graph.network.by_name.items():
            variable.assign(weights[name])

    def replies(self, table: NgramTable | None = None, share: float = 0.0) -> list[tuple[str, str]]:
        """Each prompt with what the model says next, the n-grams of a table having their share."""
        beside = None if table is None else (table, share)
        found, _ = self.say([ids for _, ids in self.prompts], self.task.length, self.task.temperature, beside)
        return [(text, self.tokenizer.decode(ids)) for (text, _), ids in zip(self.prompts, found, strict=True)]

    def golden(self, most: int = 3) -> tuple[Golden, ...]:
        """A few prompts with the first ids of their greedy replies, as far as these are beyond doubt."""
        sources = [ids for _, ids in self.prompts]
        found, margins = self.say(sources, GOLDEN_LENGTH)
        kept = []
        for source, ids, margin in zip(sources, found, margins, strict=True):
            sure = next((i for i, gap in enumerate(margin[: len(ids)]) if gap < SAFE_MARGIN), len(ids))
            if sure and len(source):
                kept.append(Golden(tuple(source), tuple(ids[:sure])))
        return tuple(sorted(kept, key=lambda golden: -len(golden.reply_ids))[:most])

    def say(
        self,
        sources: Sequence[list[int]],
        length: int,
        temperature: float = 0.0,
        beside: tuple[NgramTable, float] | None = None,
    ) -> tuple[list[list[int]], list[list[float]]]:
        """Ids without eos, and the margin (nats) of each step, by plain argmax over all ids.

        A temperature above 0 draws instead, the same every time (the Gumbel-max trick).
        """
        random = np.random.default_rng(0)
        chosen: list[list[int]] = [[] for _ in sources]
        margins: list[list[float]] = [[] for _ in sources]
        for _ in range(length):
            arrays, places = self.task.inputs(sources, chosen)
            logits = self.graph.logits(*arrays)  # [sources, time, vocabulary]
            for row, (ids, place) in enumerate(zip(chosen, places, strict=True)):
                if EOS_ID not in ids:
                    scores = logits[row, place]
                    if beside is not None:
                        table, share = beside
                        own = scores.astype(np.float64) - np.logaddexp.reduce(scores.astype(np.float64))
                        scores = mixed(own, np.log(table.following(ids)), share)
                    if temperature:
                        scores = scores / temperature + random.gumbel(size=scores.shape)
                    second, first = np.argsort(scores)[-2:]
                    margins[row].append(float(scores[first] - scores[second]))
                    ids.append(int(first))
        return [ids[: ids.index(EOS_ID)] if EOS_ID in ids else ids for ids in chosen], margins
