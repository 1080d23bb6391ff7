"""Log-probabilities -> scores: what may not come next becomes -inf, what was said before is penalised."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np

from chatbot.decoding.rules import Rules
from chatbot.decoding.stepper import Floats
from chatbot.settings import DecodingSettings
from chatbot.text.special import EOS_ID


class Constraints:
    """What settings, rules and sources forbid; made once a search."""

    def __init__(self, settings: DecodingSettings, rules: Rules, sources: Sequence[Sequence[int]]) -> None:
        self.settings = settings
        self.marks = rules.marks
        alone = {sequence[0] for sequence in rules.sequences if len(sequence) == 1}
        self.never = sorted(rules.never | alone)
        self.sequences = Endings(sequence for sequence in rules.sequences if len(sequence) > 1)
        self.openings = Endings(rules.openings)
        size = settings.no_repeat_context
        self.contexts = [Endings(ngrams(tuple(source), size)) for source in sources] if size else []
        self.penalty = np.float32(math.log(settings.repetition_penalty))

    def scores(self, log_probs: Floats, said: Sequence[tuple[int, ...]], sources: Iterable[int]) -> Floats:
        """Scores [rows, vocabulary], a new array, of the next id after `said[row]` in reply to source `sources[row]`.

        -inf: ids and sequences that the rules forbid, eos before `min_length` tokens, an id that would say an n-gram
        twice or repeat one of the source. Ids said before, but marks, lose log(repetition_penalty), which divides their
        odds. All but eos gain `length_reward` (the word reward of Murray & Chiang 2018; in sampling, whose scores are
        normalised, eos loses as much). Where nothing is left the row may only end: eos keeps its log-probability,
        whatever `min_length` says.
        """
        scores = log_probs.copy()
        if reward := np.float32(self.settings.length_reward):
            scores += reward
            scores[:, EOS_ID] = log_probs[:, EOS_ID]
        scores[:, self.never] = -np.inf
        for row, ids, source in zip(scores, said, sources, strict=True):
            if len(ids) < self.settings.min_length:
                row[EOS_ID] = -np.inf
            if ids and self.penalty:
                row[list(set(ids) - self.marks)] -= self.penalty
            if blocked := self.blocked(ids, source):
                row[blocked] = -np.inf
        stuck = ~np.isfinite(scores.max(axis=1))
        scores[stuck, EOS_ID] = log_probs[stuck, EOS_ID]
        return scores

    def blocked(self, ids: tuple[int, ...], source: int) -> list[int]:
        """The ids that may not follow `ids` in reply to this source, but those never said."""
        found = repeating(ids, self.settings.no_repeat_ngram) + self.sequences.after(ids)
        if self.contexts:
            found += self.contexts[source].after(ids)
        return found + self.openings.after(ids, self.marks)


class Endings:
    """Sequences, to be asked which ids would complete one."""

    def __init__(self, sequences: Iterable[tuple[int, ...]]) -> None:
        self.endings: dict[tuple[int, ...], list[int]] = defaultdict(list)
        for sequence in sequences:
            self.endings[sequence[:-1]].append(sequence[-1])
        self.lengths = sorted({len(beginning) for beginning in self.endings})

    def after(self, ids: tuple[int, ...], marks: frozenset[int] | None = None) -> list[int]:
        """The ids that would complete a sequence; with `marks`, only one that begins the reply or follows a mark."""
        found: list[int] = []
        for length in self.lengths:
            start = len(ids) - length
            if start >= 0 and (marks is None or start == 0 or ids[start - 1] in marks):
                found += self.endings.get(ids[start:], ())
        return found


def ngrams(ids: tuple[int, ...], size: int) -> set[tuple[int, ...]]:
    """Every n-gram of this size in `ids`."""
    return {ids[start : start + size] for start in range(len(ids) - size + 1)}


def repeating(ids: tuple[int, ...], size: int) -> list[int]:
    """The ids that would end an n-gram of this size that `ids` already hold; none where size is 0."""
    if size == 0 or len(ids) < size:
        return []
    before = ids[len(ids) - size + 1 :]
    starts = range(len(ids) - size + 1)
    return [ids[start + size - 1] for start in starts if ids[start : start + size - 1] == before]
