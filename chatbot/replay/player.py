"""One model plays all branches: each turn is said again in the logged context and in the new one, and compared."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chatbot.corpus.counts import Progress
from chatbot.dialogue.asked import Stop
from chatbot.dialogue.model import Model
from chatbot.dialogue.reply import Reply
from chatbot.errors import ChatbotError
from chatbot.replay.answering import Answer, Question, answer_alone, answers
from chatbot.replay.branches import Branch, logged_text
from chatbot.replay.contexts import context_of, logged_context
from chatbot.replay.known import KnownModels
from chatbot.replay.likelihoods import Weighing, likelihoods
from chatbot.replay.receipts import Wanted, wanted
from chatbot.replay.results import (
    BranchResult,
    Likelihood,
    Mode,
    ModelResult,
    Outcome,
    Reference,
    TurnResult,
)
from chatbot.replay.totals import totals_of
from chatbot.replay.verdicts import begins, outcome, reference_of, weighed

Place = tuple[int, int]  # of a turn: its branch, its number from 0
References = Callable[[Branch, int, Mode], Reference | None]
"""What reply `number` (from 0) of a branch is compared with."""


def logged(branch: Branch, number: int, mode: Mode) -> Reference | None:
    """The reply of the log, whatever the mode."""
    return reference_of(branch.steps[number].reply)


@dataclass(frozen=True, slots=True)
class Playing:
    """How to replay; `tolerance` is in nats a word, `threshold` a share of the replies, `changes` are settings."""

    modes: tuple[Mode, ...] = (Mode.FORCED, Mode.FREE)
    changes: Mapping[str, Any] = field(default_factory=dict)
    tolerance: float = 0.1
    threshold: float = 0.0
    likelihood: bool = True
    references: References = logged
    baseline: str | None = None


class Player:
    """One model that plays all branches."""

    def __init__(
        self,
        branches: Sequence[Branch],
        model: Model,
        playing: Playing,
        known: KnownModels,
        progress: Progress,
        stop: Stop | None,
    ) -> None:
        self.branches, self.model, self.playing, self.known = branches, model, playing, known
        self.progress, self.stop = progress, stop
        self.places = [(b, n) for b, branch in enumerate(branches) for n in range(len(branch.steps))]
        self.wanted: dict[Place, Wanted] = {}
        self.remarks: dict[Place, list[str]] = {}

    def result(self) -> ModelResult:
        """Everything about this model."""
        began = time.perf_counter()
        for b, n in self.places:
            self.wanted[b, n] = wanted(self.branches[b].steps[n].reply, self.model.settings, self.playing.changes)
            self.remarks[b, n] = list(self.wanted[b, n].remarks)
        forced = self._forced()
        free = self._free(forced) if Mode.FREE in self.playing.modes else {}
        weights = self._weights(forced)
        results = tuple(self._branch(b, forced, free, weights) for b in range(len(self.branches)))
        old = {t.reference.fingerprint for r in results for t in r.turns if t.reference and t.reference.fingerprint}
        gone = tuple(sorted(one for one in old if self.known.find(one) is None))
        spent = time.perf_counter() - began
        return ModelResult(self.model.name, self.model.fingerprint, results, totals_of(results), gone, spent)

    def _forced(self) -> dict[Place, Answer]:
        """All turns of all branches at once, each in the context that was logged."""
        questions: dict[Place, Question] = {}
        found: dict[Place, Answer] = {}
        for b, n in self.places:
            asked = self.wanted[b, n]
            try:
                context, remark = logged_context(self.model, self.branches[b], n, self.known, asked.settings)
            except ChatbotError as error:
                found[b, n] = error
                continue
            self.remarks[b, n] += [remark] if remark else []
            questions[b, n] = Question(context, asked.settings, asked.rank)
        return found | self._alone(questions, self._answered("logged contexts", questions))

    def _alone(self, questions: Mapping[Place, Question], found: dict[Place, Answer]) -> dict[Place, Answer]:
        """Ask again by itself what a receipt says must be the same and is not: sums of a batch round differently."""
        for (b, n), question in questions.items():
            old, answer = self.branches[b].steps[n].reply, found[b, n]
            if old is None or not isinstance(answer, Reply) or answer.text == old.text or not old.complete:
                continue
            same = (old.fingerprint, old.context_ids) == (self.model.fingerprint, question.context.ids)
            if same and not self.playing.changes and not self.wanted[b, n].remarks:
                found[b, n] = answer_alone(self.model, question)
        return found

    def _free(self, forced: Mapping[Place, Answer]) -> dict[Place, Answer]:
        """Turn by turn over all branches; until a reply differs, the context is the logged one and so is the answer."""
        said: list[list[str]] = [[] for _ in self.branches]
        parted = [False] * len(self.branches)
        found: dict[Place, Answer] = {}
        turns = max((len(branch.steps) for branch in self.branches), default=0)
        for number in range(turns):
            questions: dict[Place, Question] = {}
            going = [b for b, branch in enumerate(self.branches) if number < len(branch.steps)]
            for b in going:
                said[b].append(self.branches[b].steps[number].turn.text)
                if not parted[b]:
                    found[b, number] = forced[b, number]
                    continue
                asked = self.wanted[b, number]
                try:
                    questions[b, number] = Question(context_of(self.model, said[b]), asked.settings, asked.rank)
                except ChatbotError as error:
                    found[b, number] = error
            found |= self._answered(f"turn {number + 1} of {turns}", questions)
            for b in going:
                text, before = self._stands(b, number, found[b, number]), logged_text(self.branches[b].steps[number])
                parted[b] = parted[b] or text != before
                said[b].append(text)
        return found

    def _stands(self, b: int, number: int, answer: Answer) -> str:
        """What the conversation goes on from: the new reply, cut where a person had stopped the old one."""
        old = self.branches[b].steps[number].reply
        reference = reference_of(old)
        if isinstance(answer, ChatbotError):
            return old.text if old else ""
        if reference and not reference.complete and begins(reference, answer):
            return reference.text
        return answer.text

    def _answered(self, stage: str, questions: Mapping[Place, Question]) -> dict[Place, Answer]:
        done = 0

        def tell(more: int) -> None:
            nonlocal done
            done += more
            self.progress(f"{self.model.name}: {stage}", done, len(questions))

        tell(0)
        found = answers(self.model, list(questions.values()), tell, self.stop)
        return dict(zip(questions, found, strict=True))

    def _weights(self, forced: Mapping[Place, Answer]) -> dict[Place, Likelihood]:
        if not self.playing.likelihood or Mode.FORCED not in self.playing.modes:
            return {}
        turns: dict[Place, Weighing] = {}
        for b, n in self.places:
            reference, answer = self.playing.references(self.branches[b], n, Mode.FORCED), forced[b, n]
            if reference and reference.complete and isinstance(answer, Reply):
                turns[b, n] = Weighing(self.branches[b], n, reference, answer)
        found = likelihoods(self.model, list(turns.values()), self.known, self.progress)
        return dict(zip(turns, found, strict=True))

    def _branch(
        self,
        b: int,
        forced: Mapping[Place, Answer],
        free: Mapping[Place, Answer],
        weights: Mapping[Place, Likelihood],
    ) -> BranchResult:
        branch = self.branches[b]
        turns = []
        for n, step in enumerate(branch.steps):
            weight = weights.get((b, n))
            turns.append(
                TurnResult(
                    number=n + 1,
                    said=step.turn.text,
                    reference=self.playing.references(branch, n, Mode.FORCED),
                    forced=weighed(self._outcome(b, n, Mode.FORCED, forced), weight, self.playing.tolerance)
                    if Mode.FORCED in self.playing.modes
                    else None,
                    free=self._outcome(b, n, Mode.FREE, free) if free else None,
                    likelihood=weight,
                    counted=n >= branch.shared,
                    remarks=tuple(self.remarks[b, n]),
                )
            )
        return BranchResult(branch.name, branch.uid, branch.title, tuple(turns))

    def _outcome(self, b: int, n: int, mode: Mode, found: Mapping[Place, Answer]) -> Outcome:
        return outcome(self.playing.references(self.branches[b], n, mode), found[b, n])
