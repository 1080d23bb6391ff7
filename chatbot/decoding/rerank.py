"""Scores of an n-best list, component by component -> its order; without NumPy, for the store reads parts too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MODEL = "model"  # the component that decoding ranked by; its weight is 1


@dataclass(frozen=True, slots=True)
class Part:
    """One component of a hypothesis' score: what was measured, and what it was multiplied with."""

    score: float
    weight: float


def parts_of_each(
    scores: Sequence[float], components: Mapping[str, Sequence[float]], weights: Mapping[str, float]
) -> list[dict[str, Part]]:
    """For each hypothesis its components by name, that of decoding first."""
    return [
        {
            MODEL: Part(score, 1.0),
            **{name: Part(float(values[i]), weights[name]) for name, values in components.items()},
        }
        for i, score in enumerate(scores)
    ]


def total(parts: Mapping[str, Part]) -> float:
    """The weighted sum (Li et al. 2016, equations 9 and 15, with further terms)."""
    return float(sum(part.weight * part.score for part in parts.values()))


def order(totals: Sequence[float]) -> list[int]:
    """Places of the hypotheses, best first; equal ones stay in their order."""
    return sorted(range(len(totals)), key=lambda place: -totals[place])
