"""Hypotheses of one context -> texts to choose a reply from, best first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from chatbot.decoding.hypothesis import Hypothesis
from chatbot.decoding.rerank import Part
from chatbot.dialogue.copying import with_copies
from chatbot.dialogue.likeness import says_twice
from chatbot.dialogue.words import forbidden_pattern
from chatbot.settings import DecodingSettings
from chatbot.text.tokenizer import Tokenizer

SILENCE = "..."  # said where the model finds no words


@dataclass(frozen=True, slots=True)
class Choice:
    """A hypothesis, what it reads like, and what it is ranked by: the sum of `parts`, if it was ranked anew.

    A `flawed` one is ranked behind all others.
    """

    text: str
    hypothesis: Hypothesis
    score: float
    parts: dict[str, Part] = field(default_factory=dict)
    flawed: bool = False


def choices(
    found: Sequence[Hypothesis], tokenizer: Tokenizer, settings: DecodingSettings, words: Sequence[str] = ()
) -> list[Choice]:
    """Hypotheses with their texts, in order; never none.

    Left out are blank ones, those that read like one before, and those with a forbidden word; flawed ones come last.
    `words` are those of the source, for what is copied.
    """
    forbidden = forbidden_pattern(settings.forbidden)
    texts: dict[str, Choice] = {}
    for hypothesis in found:
        text = with_copies(tokenizer.decode(hypothesis.ids), hypothesis, words).strip()
        if text and not (forbidden and forbidden.search(text)):
            flawed = is_flawed(text, hypothesis.finished, settings)
            texts.setdefault(text, Choice(text, hypothesis, hypothesis.score, flawed=flawed))
    return flawed_last(texts.values()) or [Choice(SILENCE, found[0], found[0].score)]


def is_flawed(text: str, finished: bool, settings: DecodingSettings) -> bool:
    """Whether a text is of marks alone, was cut at `max_length` tokens, or says an n-gram of words twice.

    `no_repeat_ngram` forbids the last in ids already, but the same words may have other ids.
    """
    return not (finished and any(map(str.isalnum, text))) or says_twice(text, settings.no_repeat_ngram)


def flawed_last(some: Iterable[Choice]) -> list[Choice]:
    """The choices in order, but those that are flawed after all others."""
    return sorted(some, key=lambda one: one.flawed)
