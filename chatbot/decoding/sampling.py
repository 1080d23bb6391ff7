"""Sampling: each id is drawn from the tempered distribution, cut to the top-k, the nucleus and min-p.

Where more than one sample is asked for, each has a generator of its own and the best-scored comes first (sample and
rank: Adiwardana et al. 2020).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from chatbot.decoding.certain import OnTokens
from chatbot.decoding.constraints import Constraints
from chatbot.decoding.hypothesis import Hypothesis
from chatbot.decoding.rules import USUAL, Rules
from chatbot.decoding.single import grow
from chatbot.decoding.stepper import Floats, Ids, Stepper
from chatbot.settings import DecodingSettings
from chatbot.text.special import EOS_ID

Weights = NDArray[np.floating]

TINY = np.finfo(np.float32).tiny


def sample(
    stepper: Stepper,
    sources: Sequence[Sequence[int]],
    settings: DecodingSettings,
    seeds: Sequence[int],
    rules: Rules = USUAL,
    stop: Callable[[], bool] | None = None,
    on_tokens: OnTokens | None = None,
) -> list[list[Hypothesis]]:
    """`beam_size` samples a source, the same for the same seed; best score first, none twice."""
    count = settings.beam_size
    generators = [generator(seed, number) for seed in seeds for number in range(count)]
    owners = np.repeat(np.arange(len(sources)), count)
    state = stepper.start(sources).select(owners)

    def pick(scores: Floats, rows: Ids) -> Ids:
        drawn = (draw(one, settings, generators[row].random()) for one, row in zip(scores, rows, strict=True))
        return np.fromiter(drawn, np.int64, len(rows))

    constraints = Constraints(settings, rules, sources)
    found = grow(stepper, state, sources, owners, constraints, pick, stop, on_tokens)
    return [ranked(found[first : first + count]) for first in range(0, len(found), count)]


def generator(seed: int, number: int) -> np.random.Generator:
    """The random numbers of a source's sample: of the seed itself for the first, of seed and number for the others."""
    return np.random.Generator(np.random.PCG64([seed, number] if number else seed))


def ranked(samples: Sequence[Hypothesis]) -> list[Hypothesis]:
    """Best score first, each once."""
    unique = {(sample.ids, sample.finished): sample for sample in samples}
    return sorted(unique.values(), key=lambda sample: sample.score, reverse=True)


def draw(scores: Floats, settings: DecodingSettings, uniform: float) -> int:
    """The id at `uniform` (0 <= u < 1) of the distribution softmax(scores / temperature), [vocabulary], once cut."""
    best = float(scores.max())
    if best == -np.inf:
        return EOS_ID  # nothing may be drawn; the row will be cut
    with np.errstate(over="ignore"):  # a tiny temperature sends all but the best to -inf, as it should
        weights = np.exp((scores - np.float32(best)) / max(np.float32(settings.temperature), TINY))
    ids = np.flatnonzero(weights)
    if 0 < settings.top_k < len(ids):
        ids = ids[greatest(weights[ids], settings.top_k)]
    if settings.top_p < 1:
        ids = ids[nucleus(weights[ids], settings.top_p)]
    ids = ids[weights[ids] >= settings.min_p]  # the likeliest has weight 1 (Nguyen et al. 2024)
    heap = np.cumsum(weights[ids], dtype=np.float64)
    place = np.searchsorted(heap, uniform * heap[-1], side="right")
    return int(ids[min(int(place), len(ids) - 1)])


def nucleus(weights: Weights, mass: float) -> Ids:
    """Where the fewest greatest weights are that hold this share of all, at least one (Holtzman et al. 2020)."""
    total = float(weights.sum(dtype=np.float64))
    likely = np.flatnonzero(weights >= 0.99 * (1 - mass) * total / len(weights))  # all others hold less than 1 - mass
    falling = np.sort(weights[likely])[::-1].astype(np.float64)
    before = np.cumsum(falling) - falling
    return likely[greatest(weights[likely], max(1, int(np.searchsorted(before, mass * total))))]


def greatest(weights: Weights, count: int) -> Ids:
    """Where the `count` greatest weights are, ascending; of equal ones the first."""
    least = np.partition(weights, -count)[-count]
    kept = weights > least
    kept[np.flatnonzero(weights == least)[: count - np.count_nonzero(kept)]] = True
    return np.flatnonzero(kept)
