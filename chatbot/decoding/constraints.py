"""Log-probabilities -> scores: what may not come next becomes -inf, what was said before is penalised."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

import numpy as np

from chatbot.decoding.rules import Rules
from chatbot.decoding.stepper import Floats
from chatbot.settings import DecodingSettings
from chatbot.text.special import EOS_ID

U = TypeVar("U")


class Constraints:
    """What settings, rules and sources forbid; made once a search."""

    def __init__(self, settings: DecodingSettings, rules: Rules, sources: Sequence[Sequence[int]]) -> None:
        self.settings = settings
        self.marks = rules.marks
        alone = {sequence[0] for sequence in rules.sequences if len(sequence) == 1}
        self.never = sorted(rules.never | alone)
        self.sequences = Endings(sequence for sequence in rules.sequences if len(sequence) > 1)
        self.openings = Endings(rules.openings)
        self.repeats = Repeats(settings.no_repeat_ngram, rules.spelled)
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
        found = self.repeats.after(ids) + self.sequences.after(ids)
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


class Repeats:
    """N-grams of one size, of which no reply may say one twice; a mark of several characters is as many marks."""

    def __init__(self, size: int, spelled: Mapping[int, tuple[str, ...]]) -> None:
        self.size = size
        self.spelled = spelled
        self.marks: dict[tuple[str, ...], list[int]] = defaultdict(list)  # characters -> the ids that say them
        for token, characters in spelled.items():
            self.marks[characters].append(token)
        self.several = {characters: ids for characters, ids in self.marks.items() if len(characters) > 1}

    def after(self, ids: Sequence[int]) -> list[int]:
        """The ids that would end an n-gram that `ids` already hold; none where the size is 0."""
        if self.size == 0:
            return []
        said: list[int | str] = [unit for token in ids for unit in self.spelled.get(token, (token,))]
        before, last = ngrams(tuple(said), self.size), tuple(said[max(0, len(said) - self.size + 1) :])
        found: list[int] = []
        for gram in before:
            if gram[:-1] == last:
                end = gram[-1]
                found += self.marks[(end,)] if isinstance(end, str) else [end]
        for characters, same in self.several.items():
            longer = last + characters
            windows = [longer[start : start + self.size] for start in range(len(longer) - self.size + 1)]
            if len(set(windows)) < len(windows) or not before.isdisjoint(windows):
                found += same
        return found


def ngrams(units: tuple[U, ...], size: int) -> set[tuple[U, ...]]:
    """Every n-gram of this size."""
    return {units[start : start + size] for start in range(len(units) - size + 1)}
