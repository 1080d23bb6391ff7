"""A phrase table, an n-gram model and weights -> translations, by a search over phrases with stacks (Koehn 2004).

A hypothesis covers some of the source; those that cover equally many words share a stack, which keeps the best by their
score and an estimate of what the rest will cost. The features of a translation are, in this order: four of the phrases
(`phrase_extraction`), phrases, target words, the language model's log-probability, words jumped over, unknown words.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from phrase_extraction import LONGEST, Option, Phrase, Table

from chatbot.ngram.kneser_ney import NgramModel, joined
from chatbot.text.special import BOS_ID, EOS_ID, SPECIAL_PIECES, UNK_ID

ORDER = 5
FEATURES = ("p(t|s)", "p(s|t)", "lex(t|s)", "lex(s|t)", "phrases", "words", "language", "distortion", "unknown")
LANGUAGE, DISTORTION = 6, 7

Context = tuple[int, ...]


class Language:
    """An n-gram model of the target sentences, asked word by word."""

    def __init__(self, sentences: Sequence[Sequence[str]]) -> None:
        words = sorted({word for sentence in sentences for word in sentence})
        self.ids = {word: i for i, word in enumerate(words, len(SPECIAL_PIECES))}
        self.size = len(words) + len(SPECIAL_PIECES)
        model = NgramModel.train(
            joined([self.ids[word] for word in sentence] for sentence in sentences), ORDER, self.size
        )
        self.levels = [
            (
                dict(zip(level.keys.tolist(), range(len(level.keys)), strict=True)),
                level.shares,
                level.left,
            )
            for level in model.orders
        ]
        self.known: dict[tuple[Context, int], float] = {}

    def log_prob(self, context: Context, word: int) -> float:
        """Natural log-probability of a word after at most ORDER - 1 ids."""
        asked = context, word
        if asked not in self.known:
            self.known[asked] = self._log_prob(context, word)
        return self.known[asked]

    def _log_prob(self, context: Context, word: int) -> float:
        found = 1 / self.size
        for length, (keys, shares, left) in enumerate(self.levels):
            node = self._node(context[len(context) - length :]) if length <= len(context) else None
            if node is None:
                break
            place = keys.get(node * self.size + word)
            share = 0.0 if place is None else shares[place]
            found = float(share + left[node] * found)
        return math.log(found)

    def _node(self, words: Context) -> int | None:
        node: int | None = 0
        for word, level in zip(words, self.levels, strict=False):
            node = level[0].get(node * self.size + word) if node is not None else None
        return node

    def extended(self, context: Context, words: Sequence[int]) -> tuple[float, Context]:
        """Log-probability of some words after a context, and the context then."""
        total = 0.0
        for word in words:
            total += self.log_prob(context, word)
            context = (*context, word)[-(ORDER - 1) :]
        return total, context


@dataclass(slots=True)
class Weighted:
    """An option under some weights."""

    target: Phrase
    ids: tuple[int, ...]
    features: tuple[float, ...]  # all of FEATURES, but for the language model and distortion
    score: float
    outlook: float  # score and what the language model makes of the words by themselves


@dataclass(slots=True)
class Hypothesis:
    """Part of a translation."""

    score: float
    covered: int  # a bit for each source word
    end: int  # after the source phrase translated last
    context: Context
    language: float
    jumped: int
    option: Weighted | None = None
    before: Hypothesis | None = field(default=None, repr=False)

    def options(self) -> list[Weighted]:
        """All, in order."""
        found, at = [], self
        while at.option is not None and at.before is not None:
            found.append(at.option)
            at = at.before
        return found[::-1]

    def words(self) -> list[str]:
        return [word for option in self.options() for word in option.target]

    def features(self) -> np.ndarray:
        """[features], so that weights @ features is the score."""
        total = np.sum([option.features for option in self.options()], axis=0)
        total[LANGUAGE], total[DISTORTION] = self.language, -self.jumped
        return total


@dataclass(slots=True)
class Decoder:
    """Translates under `weights` [features]; phrases jump over at most `distortion` words."""

    table: Table
    language: Language
    weights: np.ndarray
    stack: int = 60  # hypotheses kept of each length
    distortion: int = 5

    def decode(self, source: Sequence[str]) -> list[Hypothesis]:
        """Whole translations, best first, no two of the same words at the end and the same coverage."""
        options, width = self.options(source), len(source)
        rest = outlooks(options, width)
        stacks: list[dict[tuple[int, int, Context], Hypothesis]] = [{} for _ in range(width + 1)]
        start = Hypothesis(0.0, 0, 0, (BOS_ID,), 0.0, 0)
        stacks[0][0, 0, start.context] = start
        for size, found in enumerate(stacks[:-1]):
            ranked = sorted(found.values(), key=lambda h: -h.score - self.outlook(h, rest, width))
            for hypothesis in ranked[: self.stack]:
                for i, end, option in self.reachable(hypothesis, options, width):
                    self.add(stacks[size + end - i], hypothesis, i, end, option, width)
        return sorted(stacks[-1].values(), key=lambda h: -h.score)

    def options(self, source: Sequence[str]) -> dict[tuple[int, int], list[Weighted]]:
        """What every span of the source may become; a word of no phrase becomes itself."""
        found: dict[tuple[int, int], list[Weighted]] = {}
        for i in range(len(source)):
            for end in range(i + 1, min(len(source), i + LONGEST) + 1):
                if known := self.table.get(tuple(source[i:end])):
                    found[i, end] = [self.weighted(option, 0.0) for option in known]
            if (i, i + 1) not in found:
                found[i, i + 1] = [self.weighted(Option((source[i],), (0.0,) * 4), -1.0)]
        return found

    def weighted(self, option: Option, unknown: float) -> Weighted:
        ids = tuple(self.language.ids.get(word, UNK_ID) for word in option.target)
        features = (*option.features, -1.0, float(len(ids)), 0.0, 0.0, unknown)
        score = float(self.weights @ np.array(features))
        alone, _ = self.language.extended((), ids)
        return Weighted(option.target, ids, features, score, score + float(self.weights[LANGUAGE]) * alone)

    def reachable(
        self, hypothesis: Hypothesis, options: dict[tuple[int, int], list[Weighted]], width: int
    ) -> list[tuple[int, int, Weighted]]:
        """Spans not covered yet, and not farther away than what must still be translated allows."""
        covered = hypothesis.covered
        gap = (~covered & (covered + 1)).bit_length() - 1  # the first word not covered
        found = []
        for i in range(gap, min(width, hypothesis.end + self.distortion + 1)):
            if abs(i - hypothesis.end) > self.distortion:
                continue
            for end in range(i + 1, min(width, i + LONGEST) + 1):
                if covered >> (end - 1) & 1:
                    break
                if i > gap and end - gap > self.distortion:  # from there, no way back to the gap
                    break
                found += [(i, end, option) for option in options.get((i, end), ())]
        return found

    def add(
        self,
        stack: dict[tuple[int, int, Context], Hypothesis],
        before: Hypothesis,
        i: int,
        end: int,
        option: Weighted,
        width: int,
    ) -> None:
        """Put a longer hypothesis where it belongs, unless one that goes on alike is better."""
        covered = before.covered | ((1 << end) - (1 << i))
        whole = covered == (1 << width) - 1
        language, context = self.language.extended(before.context, (*option.ids, *((EOS_ID,) if whole else ())))
        jumped = abs(i - before.end)
        score = before.score + option.score
        score += float(self.weights[LANGUAGE]) * language - float(self.weights[DISTORTION]) * jumped
        key = (covered, end, context)
        if key not in stack or stack[key].score < score:
            language, jumped = before.language + language, before.jumped + jumped
            stack[key] = Hypothesis(score, covered, end, context, language, jumped, option, before)

    def outlook(self, hypothesis: Hypothesis, rest: np.ndarray, width: int) -> float:
        """What the words not covered yet will come to, at best."""
        total, i = 0.0, 0
        while i < width:
            end = i
            while end < width and not hypothesis.covered >> end & 1:
                end += 1
            total += float(rest[i, end])
            i = end + 1
        return total


def outlooks(options: dict[tuple[int, int], list[Weighted]], width: int) -> np.ndarray:
    """The best score of each span [places, ends], in however many phrases, distortion left aside."""
    best = np.full((width + 1, width + 1), -np.inf)
    np.fill_diagonal(best, 0.0)
    for length in range(1, width + 1):
        for i in range(width - length + 1):
            end = i + length
            alone = max((option.outlook for option in options.get((i, end), ())), default=-math.inf)
            best[i, end] = max([alone, *(best[i, k] + best[k, end] for k in range(i + 1, end))])
    return best
