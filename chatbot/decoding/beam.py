"""Beam search: the likeliest hypotheses of each source grow together; those that end are frozen and kept.

Each step keeps the best continuations of a source. Those that end in eos are set aside and compete by score for the
places kept; the others go on. A source is done when nothing goes on, or when nothing that goes on can still beat the
worst of those kept. With a beam of 1 this is greedy search. In groups (diverse beam search, Vijayakumar et al. 2016)
each source has several such beams, and each is led away from the ids that the ones before it chose in the same step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from chatbot.decoding.certain import Certain, OnTokens
from chatbot.decoding.constraints import Constraints
from chatbot.decoding.contenders import best_continuations
from chatbot.decoding.growing import Growing, length_norm
from chatbot.decoding.hypothesis import Hypothesis
from chatbot.decoding.rules import USUAL, Rules
from chatbot.decoding.stepper import Floats, Ids, State, Stepper
from chatbot.settings import DecodingSettings
from chatbot.text.special import BOS_ID, EOS_ID


@dataclass(slots=True)
class Beam:
    """One group's search for one source: `live` go on; `kept` have ended, best first."""

    source: int
    source_length: int
    group: int
    settings: DecodingSettings
    live: list[Growing] = field(default_factory=lambda: [Growing()])
    kept: list[Growing] = field(default_factory=list)
    done: bool = False

    @property
    def size(self) -> int:
        """Hypotheses that live, and that are kept, at most."""
        return self.settings.beam_size // self.settings.beam_groups

    def score(self, grown: Growing) -> float:
        """What ended hypotheses are ranked by."""
        return grown.score(self.settings)

    def advance(self, continuations: Sequence[Growing]) -> None:
        """Take the best continuations of the live hypotheses."""
        ended = [grown for grown in continuations if grown.ids[-1] == EOS_ID]
        going = [g for g in continuations if g.ids[-1] != EOS_ID and len(g.ids) <= self.settings.max_length]
        if ended:
            self.kept = sorted([*self.kept, *ended], key=self.score, reverse=True)[: self.size]
        self.done = not going or self._settled(max(going, key=lambda grown: grown.rank))
        if going or self.kept:
            self.live = going

    def _settled(self, best: Growing) -> bool:
        """Whether even the best live hypothesis, losing nothing more and as long as it may be, beats none kept."""
        if len(self.kept) < self.size:
            return False
        settings, length = self.settings, len(best.ids)
        most = best.rank + max(0.0, settings.length_reward) * (settings.max_length - length)
        tokens = settings.max_length + 1 if most <= 0 else length + 1  # that make the best of it
        return most / length_norm(tokens, settings.length_penalty) <= self.score(self.kept[-1])


def beam_search(
    stepper: Stepper,
    sources: Sequence[Sequence[int]],
    settings: DecodingSettings,
    rules: Rules = USUAL,
    stop: Callable[[], bool] | None = None,
    on_tokens: OnTokens | None = None,
) -> list[list[Hypothesis]]:
    """Up to `beam_size` hypotheses a source, best first; all unfinished where none ended in time.

    `on_tokens`, of the only source, hears what all that live and all that ended agree on.
    """
    constraints, certain = Constraints(settings, rules, sources), Certain(on_tokens)
    groups = range(settings.beam_groups)
    beams = [Beam(n, len(source), group, settings) for n, source in enumerate(sources) for group in groups]
    state = stepper.start(sources).select(np.array([beam.source for beam in beams], np.int64))
    previous, active = np.full(len(beams), BOS_ID, np.int64), beams
    while active and not (stop is not None and stop()):
        log_probs, state = stepper.step(previous, state)
        _advance(active, log_probs, state, constraints)
        if on_tokens:
            certain.tell(_candidates(beams))
        active = [beam for beam in active if not beam.done]
        live = [grown for beam in active for grown in beam.live]
        previous = np.array([grown.ids[-1] for grown in live], np.int64)
        if live:
            state = state.select(np.array([grown.row for grown in live], np.int64))
    together = range(0, len(beams), len(groups))
    return [_hypotheses(beams[first : first + len(groups)], settings) for first in together]


def _advance(beams: Sequence[Beam], log_probs: Floats, state: State, constraints: Constraints) -> None:
    """One step of every beam; their live hypotheses, in order, are the rows."""
    rows = [(number, grown) for number, beam in enumerate(beams) for grown in beam.live]
    owners: Ids = np.array([number for number, _ in rows], np.int64)
    sources = [beams[number].source for number in owners]
    scores = constraints.scores(log_probs, [grown.ids for _, grown in rows], sources)
    found: list[list[Growing]] = [[] for _ in beams]
    for row, token in _chosen(beams, scores, owners, np.array([grown.rank for _, grown in rows])):
        number, grown = rows[row]
        attention = None if state.attention is None else state.attention[row, : beams[number].source_length].copy()
        own, penalised = float(log_probs[row, token]), float(scores[row, token])
        found[number].append(grown.extended(token, own, penalised, attention, row))
    for beam, continuations in zip(beams, found, strict=True):
        beam.advance(continuations)


def _chosen(beams: Sequence[Beam], scores: Floats, owners: Ids, ranks: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Row and id of each beam's best continuations; beam `owners[row]` has row `row`.

    Group by group: an id loses `diversity_penalty` for each time a group before chose it for the same source (Hamming
    diversity). That steers the choice alone; ranks stay those of the model.
    """
    if (settings := beams[0].settings).beam_groups == 1:
        return _pairs(*best_continuations(scores, ranks, owners, beams[0].size))
    groups = np.array([beams[owner].group for owner in owners])
    sources = np.array([beams[owner].source for owner in owners])
    pairs: list[tuple[int, int]] = []
    for group in range(settings.beam_groups):
        rows = np.flatnonzero(groups == group)
        diverse = scores[rows]
        for row, token in pairs:
            diverse[sources[rows] == sources[row], token] -= settings.diversity_penalty
        places, ids = best_continuations(diverse, ranks[rows], owners[rows], beams[0].size)
        pairs += _pairs(rows[places], ids)
    return pairs


def _pairs(rows: Ids, ids: Ids) -> list[tuple[int, int]]:
    return list(zip(rows.tolist(), ids.tolist(), strict=True))


def _candidates(beams: Sequence[Beam]) -> list[tuple[int, ...]]:
    """All that the hypotheses of the only source can still come from; not the best alone, another may be preferred."""
    kept = [grown.ids for beam in beams for grown in beam.kept]
    return [grown.ids for beam in beams if not (beam.done and kept) for grown in beam.live] + kept


def _hypotheses(beams: Sequence[Beam], settings: DecodingSettings) -> list[Hypothesis]:
    """What ended in the beams of one source, best first, each once; where nothing did, what was going on."""
    kept = {grown.ids: (grown, True) for beam in beams for grown in beam.kept}
    found = kept or {grown.ids: (grown, False) for beam in beams for grown in beam.live}
    hypotheses = [grown.hypothesis(finished, settings) for grown, finished in found.values()]
    return sorted(hypotheses, key=lambda one: one.score, reverse=True)[: settings.beam_size]
