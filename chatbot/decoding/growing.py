"""A hypothesis while it grows, and how it is scored; never changed in place, so that beams can share what they had."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chatbot.decoding.hypothesis import Hypothesis
from chatbot.decoding.stepper import Floats
from chatbot.settings import DecodingSettings

LEAST_COVERAGE = 1e-6  # of a source token that was never attended to, so that its logarithm is a number


@dataclass(frozen=True, slots=True)
class Growing:
    """Ids so far. `rank` is the sum of the log-probabilities after penalties, `token_log_probs` are the model's own.

    `row` is the row of the last step that it came from.
    """

    ids: tuple[int, ...] = ()
    token_log_probs: tuple[float, ...] = ()
    rank: float = 0.0
    attention: tuple[Floats, ...] = ()
    row: int = 0

    def extended(self, token: int, log_prob: float, penalised: float, attention: Floats | None, row: int) -> Growing:
        """One token longer; `attention` [source_time] is that of the step that chose it, in its row `row`."""
        seen = self.attention if attention is None else (*self.attention, attention)
        return Growing((*self.ids, token), (*self.token_log_probs, log_prob), self.rank + penalised, seen, row)

    def score(self, settings: DecodingSettings) -> float:
        """What hypotheses are ranked by: length-normalised, and less the coverage penalty."""
        normed = self.rank / length_norm(len(self.ids), settings.length_penalty)
        return normed + settings.coverage_penalty * coverage(self.attention) if settings.coverage_penalty else normed

    def hypothesis(self, finished: bool, settings: DecodingSettings) -> Hypothesis:
        """The result; where `finished`, the last token is eos and leaves the ids."""
        return Hypothesis(
            ids=self.ids[:-1] if finished else self.ids,
            log_prob=sum(self.token_log_probs, start=0.0),
            score=self.score(settings),
            finished=finished,
            token_log_probs=self.token_log_probs,
            attention=np.stack(self.attention) if self.attention else None,  # [tokens, source_time]
        )


def length_norm(tokens: int, length_penalty: float) -> float:
    """((5 + n) / 6) ** length_penalty with n tokens, eos counted (Wu et al. 2016, GNMT, equation 14)."""
    return float(((5 + tokens) / 6) ** length_penalty)


def coverage(attention: Sequence[Floats]) -> float:
    """Sum over source tokens of log(min(attention received, 1)), never above 0 (Wu et al. 2016, equation 14)."""
    if not attention:
        return 0.0
    received = np.sum(attention, axis=0, dtype=np.float64)  # [source_time]
    return float(np.log(np.clip(received, LEAST_COVERAGE, 1.0)).sum())
