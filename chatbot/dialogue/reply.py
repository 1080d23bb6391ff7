"""What a dialogue answers, with all that is needed to say it again."""

from __future__ import annotations

from dataclasses import dataclass

from chatbot.settings import DecodingSettings


@dataclass(frozen=True, slots=True)
class Alternative:
    """A hypothesis that was not chosen."""

    text: str
    score: float
    log_prob: float


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply and its receipt: same fingerprint, context_ids, settings and seed give the same words.

    `settings.seed` is always the seed that was used, never None. `complete` is False where a person stopped it.
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
