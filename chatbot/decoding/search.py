"""Sources and settings -> hypotheses: greedy search, beam search or sampling, many sources at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from chatbot.decoding.beam import beam_search
from chatbot.decoding.certain import OnTokens
from chatbot.decoding.greedy import greedy_search
from chatbot.decoding.hypothesis import Hypothesis
from chatbot.decoding.rules import USUAL, Rules
from chatbot.decoding.sampling import sample
from chatbot.decoding.stepper import Stepper
from chatbot.errors import ConfigError
from chatbot.settings import DecodingSettings

WIDEST_BEAM = 100
MOST_SCORES = 2_000_000  # numbers in one step's [rows, vocabulary]


def decode(
    stepper: Stepper,
    sources: Sequence[Sequence[int]],
    settings: DecodingSettings,
    seeds: Sequence[int],
    stop: Callable[[], bool] | None = None,
    rules: Rules = USUAL,
    on_tokens: OnTokens | None = None,
) -> list[list[Hypothesis]]:
    """The hypotheses of each source, best first, at least one each.

    Temperature above 0 draws `beam_size` samples with the source's seed; otherwise a beam above 1 is beam search and a
    beam of 1 greedy search, which need no seed. `stop` is asked before every step; once it answers true, what was not
    finished is returned as it stands. `on_tokens`, for one source only, is called while the search goes on with all
    ids that all its hypotheses are certain to begin with. `ConfigError` where settings do not go together.
    """
    if len(seeds) != len(sources):
        raise ValueError(f"there must be one seed a source, but there are {len(seeds)} for {len(sources)}")
    if on_tokens and len(sources) != 1:
        raise ValueError(f"tokens can be told of one source at a time, but there are {len(sources)}")
    check_together(settings)
    found: dict[int, list[Hypothesis]] = {}
    together = max(1, MOST_SCORES // (stepper.vocabulary_size * settings.beam_size))
    by_length = sorted(range(len(sources)), key=lambda number: len(sources[number]))
    for first in range(0, len(sources), together):
        numbers = by_length[first : first + together]
        some = [sources[number] for number in numbers]
        if settings.temperature > 0:
            results = sample(stepper, some, settings, [seeds[number] for number in numbers], rules, stop, on_tokens)
        else:
            search = beam_search if settings.beam_size > 1 else greedy_search
            results = search(stepper, some, settings, rules, stop, on_tokens)
        found.update(zip(numbers, results, strict=True))
    return [found[number] for number in range(len(sources))]


def check_together(settings: DecodingSettings) -> None:
    """`ConfigError` unless a beam can be cut into its groups."""
    if settings.temperature == 0 and settings.beam_size % settings.beam_groups:
        raise ConfigError(
            f"beam_groups must divide beam_size, but {settings.beam_groups} does not divide {settings.beam_size}; "
            f"set beam_size to {settings.beam_groups * (settings.beam_size // settings.beam_groups + 1)}"
        )


def widened(settings: DecodingSettings, size: int) -> DecodingSettings:
    """The settings with a beam of at least `size`, cut by the groups and at most WIDEST_BEAM."""
    if size <= settings.beam_size:
        return settings
    groups = settings.beam_groups
    return replace(settings, beam_size=max(settings.beam_size, min(-(-size // groups), WIDEST_BEAM // groups) * groups))
