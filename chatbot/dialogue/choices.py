"""Hypotheses of one context -> texts to choose a reply from, best first."""

from __future__ import annotations

from collections.abc import Sequence
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
    """A hypothesis, what it reads like, and what it is ranked by: the sum of `parts`, if it was ranked anew."""

    text: str
    hypothesis: Hypothesis
    score: float
    parts: dict[str, Part] = field(default_factory=dict)


def choices(
    found: Sequence[Hypothesis], tokenizer: Tokenizer, settings: DecodingSettings, words: Sequence[str] = ()
) -> list[Choice]:
    """Hypotheses with their texts, in order; never none.

    Left out are blank ones, those that read like one before, and those with a forbidden word; where others are left,
    also those that did not come to an end in `max_length` tokens, and those that repeat themselves (`no_repeat_ngram`
    in words: the same words may have other ids). `words` are those of the source, for what is copied.
    """
    forbidden = forbidden_pattern(settings.forbidden)
    texts: dict[str, Choice] = {}
    for hypothesis in found:
        text = with_copies(tokenizer.decode(hypothesis.ids), hypothesis, words).strip()
        if text and not (forbidden and forbidden.search(text)):
            texts.setdefault(text, Choice(text, hypothesis, hypothesis.score))
    left = list(texts.values()) or [Choice(SILENCE, found[0], found[0].score)]
    left = [one for one in left if one.hypothesis.finished] or left
    return [one for one in left if not says_twice(one.text, settings.no_repeat_ngram)] or left
