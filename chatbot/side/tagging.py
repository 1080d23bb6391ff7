"""A text -> the names in it, with where they stand, by a tagger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from chatbot.corpus.tag_schemes import spans_of
from chatbot.dialogue.wellformed import well_formed
from chatbot.inference.loading import check, tagger_of
from chatbot.inference.tagger import TaggerNetwork
from chatbot.side.loading import load_for

MOST_WORDS = 500  # of a text tagged as one; a longer one is tagged in parts


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` - 1 of the text are a `label`; `text` is what stands there."""

    start: int
    end: int
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Tagger:
    """A model that finds names of the kinds `labels`."""

    name: str
    fingerprint: str
    labels: tuple[str, ...]
    network: TaggerNetwork

    @classmethod
    def load(cls, name: str | None = None) -> Self:
        """Find, load and check a model; None is the first tagger there is. Raises `BundleError` or `UsageError`."""
        bundle = load_for("tagging", name)
        check(bundle.weights, bundle.config, bundle.tokenizer)
        network = tagger_of(bundle.weights, bundle.config.network, bundle.tokenizer)
        return cls(bundle.config.name, bundle.fingerprint, network.tokenizer.labels, network)

    def tag(self, texts: Sequence[str]) -> list[list[Span]]:
        """The spans of each text, in order; all texts are tagged together."""
        texts = [well_formed(text) for text in texts]
        places = [self.network.tokenizer.split(text) for text in texts]
        parts = [(i, first) for i, words in enumerate(places) for first in range(0, len(words), MOST_WORDS)]
        said = [[texts[i][start:end] for start, end in places[i][first : first + MOST_WORDS]] for i, first in parts]
        found: list[list[Span]] = [[] for _ in texts]
        for (i, first), tags in zip(parts, self.network.tag(said), strict=True):
            for begin, end, label in spans_of(tags):
                start, stop = places[i][first + begin][0], places[i][first + end - 1][1]
                found[i].append(Span(start, stop, label, texts[i][start:stop]))
        return found

    def tag_words(self, sentences: Sequence[Sequence[str]]) -> list[list[str]]:
        """The BIOES tag of every word of sentences that are words already."""
        return self.network.tag(sentences)
