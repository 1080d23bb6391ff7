"""Dialogues -> results: all of them are held at once, turn by turn, so that each turn of all is decoded in one batch.

No reply depends on what else is in its batch (to the last bit with AVX-512, but for rounding without), so that a
dialogue comes to the same alone. Whatever is wrong with one dialogue ends that one only.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from chatbot.dialogue.model import Model
from chatbot.errors import ChatbotError
from chatbot.scripts.batching import answer
from chatbot.scripts.checking import check_turn
from chatbot.scripts.lanes import Lane, OpenSession, sample_seed
from chatbot.scripts.results import ERROR, FAILED, DialogueResult, Stopped, TurnResult
from chatbot.scripts.script import Dialogue, ScriptTurn
from chatbot.settings import DecodingSettings

Advance = Callable[[int], object]
"""Is told how many replies have been found since it was told last; what it raises ends the work."""


@dataclass(frozen=True, slots=True)
class Case:
    """One dialogue to be held with one model, in repetition number `repeat`; None is the model that it names itself."""

    dialogue: Dialogue
    model: str | None = None
    repeat: int = 0


class Models:
    """Loads each model once; what it could not load, it says once more without trying again.

    `default` is the one for dialogues that name none; None is the program's own.
    """

    def __init__(self, default: str | None = None, load: Callable[[str | None], Model] = Model.load) -> None:
        self.default, self.load = default, load
        self.known: dict[str | None, Model | ChatbotError] = {}

    def get(self, name: str | None) -> Model:
        """The model of a name, None for the default one; `ChatbotError` where it cannot be loaded."""
        if name not in self.known:
            try:
                self.known[name] = self.load(name)
            except ChatbotError as error:
                self.known[name] = error
        found = self.known[name]
        if isinstance(found, ChatbotError):
            raise found
        return found


@dataclass(slots=True)
class Running:
    """A case under way."""

    case: Case
    name: str
    lanes: list[Lane] = field(default_factory=list)
    turns: list[TurnResult] = field(default_factory=list)
    stopped: list[Stopped] = field(default_factory=list)
    seconds: float = 0.0
    error: str = ""
    skipped: bool = False

    def result(self) -> DialogueResult:
        """What came of it so far."""
        fingerprint = self.lanes[0].model.fingerprint if self.lanes else ""
        return DialogueResult(
            dialogue=self.case.dialogue,
            model=self.name,
            fingerprint=fingerprint,
            repeat=self.case.repeat,
            turns=tuple(self.turns),
            stopped=tuple(self.stopped),
            seconds=self.seconds,
            error=self.error,
            skipped=self.skipped,
        )


def unheard(count: int) -> None:
    """Nobody is told of replies found."""


class Runner:
    """Holds dialogues."""

    def __init__(
        self,
        models: Models | None = None,
        open_session: OpenSession | None = None,
        advance: Advance = unheard,
    ) -> None:
        self.models = models or Models()
        self.groups: dict[tuple[int, DecodingSettings], int] = {}
        self.open_session = open_session
        self.advance = advance

    def run(self, cases: Sequence[Case], stop_at_first: bool = False) -> list[DialogueResult]:
        """One result a case, in their order; with `stop_at_first`, what was not over when one broke is not run."""
        running = [self._begin(case) for case in cases]
        for number in range(max((len(case.dialogue.turns) for case in cases), default=0)):
            if stop_at_first and any(one.result().status in (FAILED, ERROR) for one in running):
                for one in running:
                    one.skipped = number < len(one.case.dialogue.turns)
                break
            self._round(running, number)
        return [one.result() for one in running]

    def _begin(self, case: Case) -> Running:
        """Load the model and seat the samples."""
        dialogue = case.dialogue
        name = case.model or dialogue.model or self.models.default
        try:
            model = self.models.get(name)
            settings = dialogue.decoding(model.settings)
        except ChatbotError as error:
            return Running(case, name or "", error=f"{dialogue.where}: {error}")
        seeds = [sample_seed(dialogue.seed, case.repeat, number) for number in range(dialogue.samples)]
        group = self.groups.setdefault((id(model), replace(settings, seed=None)), len(self.groups))
        return Running(case, name or model.name, [Lane(model, replace(settings, seed=seed), group) for seed in seeds])

    def _round(self, running: Sequence[Running], number: int) -> None:
        """Turn `number` of every dialogue that has one."""
        going = [one for one in running if number < len(one.case.dialogue.turns)]
        alive = [[lane for lane in one.lanes if not lane.stopped] for one in going]
        requests = [
            lane.ask(one.case.dialogue.turns[number]) for one, lanes in zip(going, alive, strict=True) for lane in lanes
        ]
        answer([request for request in requests if request], self.advance)
        for one, lanes in zip(going, alive, strict=True):
            self._close_turn(one, one.case.dialogue.turns[number], lanes)

    def _close_turn(self, one: Running, turn: ScriptTurn, lanes: Sequence[Lane]) -> None:
        """Check what was said to the lanes that were asked, and note which of them cannot go on."""
        began = time.perf_counter()
        for why, count in Counter(lane.stopped for lane in lanes if lane.stopped).items():
            one.stopped.append(Stopped(turn.path, turn.line, why, count))
        answered = [lane for lane in lanes if not lane.stopped]
        if answered:
            one.turns.append(check_turn(turn, one.case.dialogue, answered, self.open_session))
        decoding = sum(lane.turns[-1].reply.seconds for lane in answered if not lane.refusal)
        one.seconds += decoding + time.perf_counter() - began
