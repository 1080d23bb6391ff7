"""Expectations over all samples of a turn together: how much they vary."""

from __future__ import annotations

from collections import Counter

from chatbot.scripts.evidence import Evidence
from chatbot.scripts.expectations.kind import Found, Kind
from chatbot.scripts.quantities import Interval, Range
from chatbot.terminal import one_line


def _samples(evidence: Evidence) -> tuple[str, ...]:
    return evidence.samples or (evidence.text,)


def _distinct(argument: Interval, evidence: Evidence) -> Found:
    count, samples = len(set(_samples(evidence))), len(_samples(evidence))
    return Found(count in argument, f"came in {count} different wordings in {samples} samples")


def _commonest(argument: Interval, evidence: Evidence) -> Found:
    (text, count), samples = Counter(_samples(evidence)).most_common(1)[0], len(_samples(evidence))
    return Found(count / samples in argument, f'was "{one_line(text)}" in {count} of {samples} samples')


KINDS = (
    Kind("distinct", "how many different replies all samples gave", Range(), _distinct, over_samples=True),
    Kind("commonest", "the share of samples, 0 to 1, that the commonest reply has", Range(), _commonest, True),
)
