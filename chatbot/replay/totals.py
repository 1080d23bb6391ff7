"""Results turn by turn -> totals of a model, and two models side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import combinations

from chatbot.replay.intervals import Mean, mean, share
from chatbot.replay.results import BranchResult, ModelResult, Outcome, Pair, Totals, TurnResult, Verdict

Branches = Sequence[BranchResult]


def totals_of(branches: Branches) -> Totals:
    """Over all counted turns."""
    turns = [turn for branch in branches for turn in branch.counted]
    forced, free = _compared(turn.forced for turn in turns), _compared(turn.free for turn in turns)
    counts = {verdict: sum(one.verdict is verdict for one in forced) for verdict in Verdict}
    both = [turn for turn in turns if _is_compared(turn.free) and _is_compared(turn.forced)]
    played = [branch for branch in branches if _compared(turn.free for turn in branch.turns)]
    return Totals(
        turns=len(turns),
        compared=max(len(forced), len(free)),
        same=share(counts[Verdict.SAME], len(forced)),
        equal=share(counts[Verdict.EQUAL], len(forced)),
        different=share(counts[Verdict.DIFFERENT], len(forced)),
        free_same=share(sum(one.verdict is Verdict.SAME for one in free), len(free)),
        drifted=share(sum(turn.drifted for turn in both), len(both)),
        parted=share(sum(branch.parted is not None for branch in played), len(played)),
        chrf=_mean(branches, lambda turn: turn.forced.chrf if turn.forced else None),
        old_words=_mean(branches, lambda turn: _per_word(turn, old=True)),
        new_words=_mean(branches, lambda turn: _per_word(turn, old=False)),
        shift=_mean(branches, lambda turn: turn.likelihood.shift if turn.likelihood else None),
    )


def pairs_of(models: Sequence[ModelResult]) -> tuple[Pair, ...]:
    """Every two models, turn by turn."""
    return tuple(_pair(models, first, second) for first, second in combinations(range(len(models)), 2))


def _pair(models: Sequence[ModelResult], first: int, second: int) -> Pair:
    both = [
        [(a, b) for a, b in zip(one.counted, other.counted, strict=True)]
        for one, other in zip(models[first].branches, models[second].branches, strict=True)
    ]
    texts = [(_text(a), _text(b)) for pairs in both for a, b in pairs]
    said = [(a, b) for a, b in texts if a is not None and b is not None]
    return Pair(
        first,
        second,
        same=share(sum(a == b for a, b in said), len(said)),
        likelihood=_difference(both, lambda turn: _per_word(turn, old=False)),
        chrf=_difference(both, lambda turn: turn.forced.chrf if turn.forced else None),
    )


def _text(turn: TurnResult) -> str | None:
    found = turn.forced or turn.free
    return found.text if found else None


def _difference(
    both: Sequence[Sequence[tuple[TurnResult, TurnResult]]], value: Callable[[TurnResult], float | None]
) -> Mean | None:
    """The mean of second minus first, where both have a value."""
    valued = [[(value(a), value(b)) for a, b in pairs] for pairs in both]
    return mean([[b - a for a, b in pairs if a is not None and b is not None] for pairs in valued])


def _mean(branches: Branches, value: Callable[[TurnResult], float | None]) -> Mean | None:
    groups = [[value(turn) for turn in branch.counted] for branch in branches]
    return mean([[one for one in group if one is not None] for group in groups])


def _per_word(turn: TurnResult, old: bool) -> float | None:
    """Nats a word of the old reply, under the old or the new model."""
    found = turn.likelihood
    if found is None:
        return None
    under = found.old_under_old if old else found.old_under_new
    return None if under is None else under / found.old_words


def _compared(outcomes: Iterable[Outcome | None]) -> list[Outcome]:
    return [one for one in outcomes if one is not None and _is_compared(one)]


def _is_compared(one: Outcome | None) -> bool:
    return one is not None and one.verdict is not Verdict.NONE
