"""What a dialogue answers, with all that is needed to say it again."""

from __future__ import annotations

from dataclasses import dataclass, field

from chatbot.decoding.rerank import Part
from chatbot.settings import DecodingSettings


@dataclass(frozen=True, slots=True)
class Alternative:
    """A hypothesis that was not chosen; `parts` as in a reply."""

    text: str
    score: float
    log_prob: float
    parts: dict[str, Part] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply and its receipt: same fingerprint, context, settings, seed and rank give the same words.

    `settings` are those the search really ran with, so `settings.seed` is always the seed that was used, never None.
    `rank` is the reply's place among the hypotheses that differ in their text, best first; it is 0 except where a
    retry asked for another one. `complete` is False where a person stopped it. `context_words` are the words of the
    source where unknown ones could be copied from it. Where the n-best were ranked anew, `parts` are the components of
    `score`, each with its weight, and `reverse_fingerprint` is that of the reverse model, if one was asked.
    """

    text: str
    token_ids: tuple[int, ...]
    tokens: tuple[str, ...]
    token_log_probs: tuple[float, ...]
    score: float
    alternatives: tuple[Alternative, ...]
    settings: DecodingSettings
    seed: int
    fingerprint: str
    model: str
    context_ids: tuple[int, ...]
    seconds: float
    complete: bool = True
    rank: int = 0
    context_words: tuple[str, ...] = ()
    parts: dict[str, Part] = field(default_factory=dict)
    reverse_fingerprint: str = ""

    def __str__(self) -> str:
        return self.text
