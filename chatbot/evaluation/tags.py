"""Tagged sentences and what a tagger makes of them -> precision, recall and F1 of spans, by label and of all."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from chatbot.text.span_scores import ALL, SpanScores

Words = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class LabelMeasures:
    """Of the spans of one label; shares from 0 to 1."""

    precision: float
    recall: float
    f1: float
    wanted: int
    found: int


@dataclass(frozen=True, slots=True)
class TagReport:
    """`rows` holds "all", then each label."""

    rows: dict[str, LabelMeasures]
    sentences: int
    words: int
    word_accuracy: float  # share of the words whose BIOES tag is right
    words_per_second: float  # of processor time

    def as_dict(self) -> dict[str, Any]:
        """Everything, for JSON."""
        return asdict(self)


def measure_tags(tag: Callable[[Words], Sequence[Sequence[str]]], sentences: Words, tags: Words) -> TagReport:
    """Tag all sentences and compare with BIOES `tags`."""
    began = time.process_time()
    found = tag(sentences)
    spent = max(time.process_time() - began, 1e-9)
    scores, right = SpanScores(), 0
    for said, wanted in zip(found, tags, strict=True):
        scores.add(said, wanted)
        right += sum(one == other for one, other in zip(said, wanted, strict=True))
    words = sum(map(len, sentences))
    labels = [ALL, *sorted(label for label in {*scores.found, *scores.wanted} if label != ALL)]
    rows = {
        label or "all": LabelMeasures(
            *(scores.precision(label), scores.recall(label), scores.f1(label)),
            *(scores.wanted[label], scores.found[label]),
        )
        for label in labels
    }
    return TagReport(rows, len(sentences), words, right / max(1, words), words / spent)
