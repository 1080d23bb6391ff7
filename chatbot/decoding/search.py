"""Sources and settings -> hypotheses: greedy search, beam search or sampling, many sources at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from chatbot.decoding.beam import beam_search
from chatbot.decoding.constraints import FORBIDDEN
from chatbot.decoding.greedy import greedy_search
from chatbot.decoding.hypothesis import Hypothesis
from chatbot.decoding.sampling import sample
from chatbot.decoding.stepper import Stepper
from chatbot.settings import DecodingSettings

MOST_SCORES = 2_000_000  # numbers in one step's [rows, vocabulary]


def decode(
    stepper: Stepper,
    sources: Sequence[Sequence[int]],
    settings: DecodingSettings,
    seeds: Sequence[int],
    stop: Callable[[], bool] | None = None,
    forbidden: Collection[int] = FORBIDDEN,
) -> list[list[Hypothesis]]:
    """The hypotheses of each source, best first, at least one each.

    Temperature above 0 draws `beam_size` samples with the source's seed; otherwise a beam above 1 is beam search and a
    beam of 1 greedy search, which need no seed. Never says a `forbidden` id. `stop` is asked before every step; once
    it answers true, what was not finished is returned as it stands.
    """
    if len(seeds) != len(sources):
        raise ValueError(f"there must be one seed a source, but there are {len(seeds)} for {len(sources)}")
    found: dict[int, list[Hypothesis]] = {}
    together = max(1, MOST_SCORES // (stepper.vocabulary_size * settings.beam_size))
    by_length = sorted(range(len(sources)), key=lambda number: len(sources[number]))
    for first in range(0, len(sources), together):
        numbers = by_length[first : first + together]
        some = [sources[number] for number in numbers]
        if settings.temperature > 0:
            results = sample(stepper, some, settings, [seeds[number] for number in numbers], forbidden, stop)
        elif settings.beam_size > 1:
            results = beam_search(stepper, some, settings, forbidden, stop)
        else:
            results = greedy_search(stepper, some, settings, forbidden, stop)
        found.update(zip(numbers, results, strict=True))
    return [found[number] for number in range(len(sources))]
