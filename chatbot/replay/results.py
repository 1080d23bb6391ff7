"""What a replay finds, as plain values for reports, baselines and scripts: turns in branches in models."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from chatbot.dialogue.reply import Reply
from chatbot.replay.intervals import Mean, Share, share


class Mode(StrEnum):
    """What the model reads before it replies: the logged replies, or its own new ones."""

    FORCED = "forced"
    FREE = "free"


class Verdict(StrEnum):
    """What came of one reply; `EQUAL` is other words that the models find as likely."""

    SAME = "same"
    EQUAL = "as likely"
    DIFFERENT = "different"
    NONE = "not compared"


@dataclass(frozen=True, slots=True)
class Reference:
    """The reply to compare with. `ids` are tokens of the model `fingerprint`, none where they were not kept."""

    text: str
    ids: tuple[int, ...] = ()
    fingerprint: str | None = None
    model: str | None = None
    complete: bool = True
    cut: bool = False  # not complete, and the search that was stopped cannot be stopped there again


@dataclass(frozen=True, slots=True)
class Outcome:
    """A new reply beside its reference; `why` it was not compared, or what else is to be known."""

    verdict: Verdict
    reply: Reply | None = None
    chrf: float | None = None  # 0 to 100
    why: str = ""

    @property
    def text(self) -> str | None:
        """The new words."""
        return self.reply.text if self.reply else None


@dataclass(frozen=True, slots=True)
class Likelihood:
    """Natural-log probabilities of the old and the new reply, their ends counted, in the logged context.

    The first two are under the model that gave the old reply, None where it is gone.
    """

    old_under_old: float | None
    new_under_old: float | None
    old_under_new: float
    new_under_new: float
    old_words: int  # the end counted as one more
    new_words: int

    @property
    def gap(self) -> float:
        """Nats a word between old and new reply under the model that sees them farther apart."""
        pairs = [(self.old_under_old, self.new_under_old), (self.old_under_new, self.new_under_new)]
        gaps = [abs(b / self.new_words - a / self.old_words) for a, b in pairs if a is not None and b is not None]
        return max(gaps)

    @property
    def shift(self) -> float | None:
        """Nats a word by which the old reply is likelier under the new model than under the old one."""
        return None if self.old_under_old is None else (self.old_under_new - self.old_under_old) / self.old_words


@dataclass(frozen=True, slots=True)
class TurnResult:
    """One turn of a branch; `number` from 1. Not `counted` where a branch before it holds the turn too."""

    number: int
    said: str
    reference: Reference | None
    forced: Outcome | None = None
    free: Outcome | None = None
    likelihood: Likelihood | None = None
    counted: bool = True
    remarks: tuple[str, ...] = ()

    @property
    def drifted(self) -> bool:
        """Whether only the new context changed the reply: other words in it, none in the logged one."""
        if self.forced is None or self.free is None:
            return False
        return self.free.verdict is Verdict.DIFFERENT and self.forced.verdict is Verdict.SAME


@dataclass(frozen=True, slots=True)
class BranchResult:
    """One branch of a conversation."""

    name: str
    uid: str
    title: str
    turns: tuple[TurnResult, ...]

    @property
    def parted(self) -> int | None:
        """The first turn whose free reply has other words than the reference; None where none has."""
        return next((t.number for t in self.turns if t.free and t.free.verdict is Verdict.DIFFERENT), None)

    @property
    def counted(self) -> tuple[TurnResult, ...]:
        """The turns that no branch before it holds."""
        return tuple(turn for turn in self.turns if turn.counted)


@dataclass(frozen=True, slots=True)
class Totals:
    """Over all counted turns of a model; a share or mean of nothing is None."""

    turns: int
    compared: int
    same: Share | None  # of the forced replies
    equal: Share | None
    different: Share | None
    free_same: Share | None
    drifted: Share | None
    parted: Share | None  # of the branches
    chrf: Mean | None  # of the forced replies
    old_words: Mean | None  # nats a word of the old replies under the old model
    new_words: Mean | None  # the same under the new one
    shift: Mean | None  # the new minus the old, pair by pair


@dataclass(frozen=True, slots=True)
class ModelResult:
    """All branches as one model played them. `gone` are fingerprints of old models that are not known any more."""

    model: str
    fingerprint: str
    branches: tuple[BranchResult, ...]
    totals: Totals
    gone: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Pair:
    """Two models side by side, by their place among those that played: over the turns that both replied to."""

    first: int
    second: int
    same: Share | None  # replies with the same words
    likelihood: Mean | None  # nats a word by which the old replies are likelier under the second
    chrf: Mean | None  # by how much the second's replies are nearer to the old ones


@dataclass(frozen=True, slots=True)
class SideResult:
    """What a model made of a text, made again; `likeness` is chrF, or the F1 of spans, from 0 to 100."""

    conversation: str
    kind: str  # "translation", "generation", "tags"
    said: str  # the text it was made of
    old: str
    new: str | None
    likeness: float | None
    same_model: bool
    why: str = ""  # not made again

    @property
    def verdict(self) -> Verdict:
        """Same, different, or not compared."""
        if self.new is None:
            return Verdict.NONE
        return Verdict.SAME if self.new == self.old else Verdict.DIFFERENT


@dataclass(frozen=True, slots=True)
class Replay:
    """The whole: one result a model, and lines about what was left out."""

    models: tuple[ModelResult, ...]
    modes: tuple[Mode, ...]
    changes: dict[str, object]
    tolerance: float
    threshold: float
    baseline: str | None = None
    pairs: tuple[Pair, ...] = ()
    notes: tuple[str, ...] = ()
    side: tuple[SideResult, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether more replies than the threshold admits are different for any model, or more side results."""
        of_side = self.side_share
        return any(differing(one, self.modes) > self.threshold for one in self.models) or (
            of_side is not None and of_side.value > self.threshold
        )

    @property
    def side_share(self) -> Share | None:
        """The share of side results that are different; None where there are none to compare."""
        verdicts = [one.verdict for one in self.side if one.verdict is not Verdict.NONE]
        return share(verdicts.count(Verdict.DIFFERENT), len(verdicts))


def differing(result: ModelResult, modes: tuple[Mode, ...]) -> float:
    """The share of replies that count as different: of the forced ones, where they were played, else of the free."""
    totals = result.totals
    if Mode.FORCED in modes:
        return totals.different.value if totals.different else 0.0
    return 1 - totals.free_same.value if totals.free_same else 0.0
