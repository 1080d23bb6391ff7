"""Beam search: the likeliest hypotheses of each source grow together; those that end are frozen and kept.

Each step keeps the `beam_size` best continuations of a source. Those that end in eos are set aside and compete by
length-normalised score for the `beam_size` places kept; the others go on. A source is done when nothing goes on, or
when nothing that goes on can still beat the worst of `beam_size` kept. With a beam of 1 this is greedy search.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

import numpy as np

from chatbot.decoding.constraints import FORBIDDEN, constrained
from chatbot.decoding.contenders import best_continuations
from chatbot.decoding.growing import Growing, length_norm
from chatbot.decoding.hypothesis import Hypothesis
from chatbot.decoding.stepper import Floats, Ids, State, Stepper
from chatbot.settings import DecodingSettings
from chatbot.text.special import BOS_ID, EOS_ID


@dataclass(slots=True)
class Beam:
    """The search for one source: `live` go on, best first; `kept` have ended, best first."""

    source_length: int
    settings: DecodingSettings
    live: list[Growing] = field(default_factory=lambda: [Growing()])
    kept: list[Growing] = field(default_factory=list)
    done: bool = False

    def score(self, grown: Growing) -> float:
        """Length-normalised: what ended hypotheses are ranked by."""
        return grown.rank / length_norm(len(grown.ids), self.settings.length_penalty)

    def advance(self, continuations: Sequence[Growing]) -> None:
        """Take the best continuations of the live hypotheses, best first."""
        ended = [grown for grown in continuations if grown.ids[-1] == EOS_ID]
        going = [g for g in continuations if g.ids[-1] != EOS_ID and len(g.ids) <= self.settings.max_length]
        self.kept = sorted([*self.kept, *ended], key=self.score, reverse=True)[: self.settings.beam_size]
        self.done = not going or self._settled(going[0].rank)
        if going or self.kept:
            self.live = going

    def _settled(self, best_rank: float) -> bool:
        """Whether even the best live hypothesis, losing nothing more and as long as it may be, beats none kept."""
        longest = length_norm(self.settings.max_length + 1, self.settings.length_penalty)
        full = len(self.kept) == self.settings.beam_size
        return full and best_rank / longest <= self.score(self.kept[-1])

    def hypotheses(self) -> list[Hypothesis]:
        """What ended, best first; where nothing did, what was going on."""
        found = [(grown, True) for grown in self.kept] or [(grown, False) for grown in self.live]
        return [grown.hypothesis(finished, self.settings.length_penalty) for grown, finished in found]


def beam_search(
    stepper: Stepper,
    sources: Sequence[Sequence[int]],
    settings: DecodingSettings,
    forbidden: Collection[int] = FORBIDDEN,
    stop: Callable[[], bool] | None = None,
) -> list[list[Hypothesis]]:
    """Up to `beam_size` hypotheses a source, best first; all unfinished where none ended in time."""
    beams = [Beam(len(source), settings) for source in sources]
    state, previous = stepper.start(sources), np.full(len(sources), BOS_ID, np.int64)
    active = beams
    while active and not (stop is not None and stop()):
        log_probs, state = stepper.step(previous, state)
        _advance(active, log_probs, state, settings, forbidden)
        active = [beam for beam in active if not beam.done]
        live = [grown for beam in active for grown in beam.live]
        previous = np.array([grown.ids[-1] for grown in live], np.int64)
        if live:
            state = state.select(np.array([grown.row for grown in live], np.int64))
    return [beam.hypotheses() for beam in beams]


def _advance(
    beams: Sequence[Beam], log_probs: Floats, state: State, settings: DecodingSettings, forbidden: Collection[int]
) -> None:
    """One step of every beam; their live hypotheses, in order, are the rows."""
    rows = [(number, grown) for number, beam in enumerate(beams) for grown in beam.live]
    scores = constrained(log_probs, [grown.ids for _, grown in rows], settings, forbidden)
    owners: Ids = np.array([number for number, _ in rows], np.int64)
    ranks = np.array([grown.rank for _, grown in rows])
    chosen_rows, chosen_ids = best_continuations(scores, ranks, owners, settings.beam_size)
    found: list[list[Growing]] = [[] for _ in beams]
    for row, token in zip(chosen_rows.tolist(), chosen_ids.tolist(), strict=True):
        number, grown = rows[row]
        attention = None if state.attention is None else state.attention[row, : beams[number].source_length].copy()
        own, penalised = float(log_probs[row, token]), float(scores[row, token])
        found[number].append(grown.extended(token, own, penalised, attention, row))
    for beam, continuations in zip(beams, found, strict=True):
        beam.advance(continuations)
