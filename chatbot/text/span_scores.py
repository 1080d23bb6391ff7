"""Tags found and tags wanted -> precision, recall and F1 of spans, as conlleval counts them.

A span is right where place and label are the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from chatbot.corpus.tag_schemes import spans_of

ALL = ""


@dataclass(slots=True)
class SpanScores:
    """Counts by label, and of all under the label ""."""

    right: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    wanted: Counter[str] = field(default_factory=Counter)

    def add(self, found: Sequence[str], wanted: Sequence[str]) -> None:
        """Count the spans of one sentence."""
        said, true = set(spans_of(found)), set(spans_of(wanted))
        for counter, spans in ((self.right, said & true), (self.found, said), (self.wanted, true)):
            for span in spans:
                counter[span.label] += 1
                counter[ALL] += 1

    def precision(self, label: str = ALL) -> float:
        """Share of the spans found that are right; 0 where none was found."""
        return self.right[label] / self.found[label] if self.found[label] else 0.0

    def recall(self, label: str = ALL) -> float:
        """Share of the spans wanted that were found; 0 where there is none."""
        return self.right[label] / self.wanted[label] if self.wanted[label] else 0.0

    def f1(self, label: str = ALL) -> float:
        """Harmonic mean of precision and recall, from 0 to 1."""
        both = self.found[label] + self.wanted[label]
        return 2 * self.right[label] / both if both else 0.0
