"""A `Replay` -> the turns to look at, most changed first, and what a report says of each; texts as they were said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chatbot.replay.results import (
    BranchResult,
    Likelihood,
    ModelResult,
    Outcome,
    Replay,
    SideResult,
    TurnResult,
    Verdict,
)

SHORT = 12  # characters of a fingerprint
MEASURES = {"tags": "span F1"}  # of a kind of side result; of the others it is chrF
Fact = tuple[str, str, str]  # what, text, remark


@dataclass(frozen=True, slots=True)
class Changed:
    """A turn to be looked at, with whose it is."""

    result: ModelResult
    branch: BranchResult
    turn: TurnResult


def changed(replay: Replay, by: str = "likelihood", every: bool = False) -> list[Changed]:
    """The turns that changed, most first: by likelihood or by chrF; `every` also those that stayed the same."""
    found = [
        Changed(result, branch, turn)
        for result in replay.models
        for branch in result.branches
        for turn in branch.counted
        if every or _has_changed(turn)
    ]
    return sorted(found, key=lambda one: _rank(one.turn, by))


def changed_side(replay: Replay) -> list[SideResult]:
    """Side results that are not the same, those least alike first."""
    found = [one for one in replay.side if one.verdict is not Verdict.SAME]
    return sorted(found, key=lambda one: 101.0 if one.likeness is None else one.likeness)


def side_title(one: SideResult) -> str:
    """What was made of what."""
    return f"{one.conversation}, {one.kind} of: {one.said}"


def side_facts(one: SideResult) -> Iterator[Fact]:
    """(what, text, remark) of a side result."""
    yield "old", one.old, "" if one.same_model or one.new is None else "another model"
    if one.new is None:
        yield "note", one.why, "not compared"
    else:
        yield "new", one.new, f"{one.verdict}, {MEASURES.get(one.kind, 'chrF')} {one.likeness:.1f}"


def _has_changed(turn: TurnResult) -> bool:
    found = [one.verdict for one in (turn.forced, turn.free) if one]
    return bool(found) and any(one in (Verdict.DIFFERENT, Verdict.EQUAL) for one in found)


def _rank(turn: TurnResult, by: str) -> tuple[int, float, float]:
    """What sorts turns: different ones first, then by what was asked for, then by the other."""
    first = turn.forced or turn.free
    order = [Verdict.DIFFERENT, Verdict.EQUAL, Verdict.SAME, Verdict.NONE]
    likely = -(turn.likelihood.gap if turn.likelihood else 0.0)
    likeness = first.chrf if first and first.chrf is not None else 100.0
    place = order.index(first.verdict) if first else len(order)
    return (place, likely, likeness) if by == "likelihood" else (place, likeness, likely)


def turn_facts(one: Changed) -> Iterator[Fact]:
    """(what, text, remark) of a turn: the old reply, the new ones, and their likelihoods."""
    turn = one.turn
    if turn.reference:
        yield "old", turn.reference.text, turn.reference.model or (turn.reference.fingerprint or "")[:SHORT]
    for name, found in (("forced", turn.forced), ("free", turn.free)):
        if found and not (name == "free" and turn.forced and turn.forced.text == found.text):
            yield name, found.text or "(none)", _remark(found)
    if turn.likelihood:
        same = turn.reference is not None and turn.reference.fingerprint == one.result.fingerprint
        yield from _likelihood_facts(turn.likelihood, same)
    for remark in turn.remarks:
        yield "note", remark, ""


def _remark(found: Outcome) -> str:
    parts = [str(found.verdict)]
    if found.chrf is not None and found.verdict is not Verdict.SAME:
        parts.append(f"chrF {found.chrf:.1f}")
    return ", ".join(parts + ([found.why] if found.why else []))


def _likelihood_facts(found: Likelihood, same_model: bool) -> Iterator[Fact]:
    if not same_model and found.old_under_old is not None and found.new_under_old is not None:
        values = f"old {found.old_under_old:.2f}, new {found.new_under_old:.2f}"
        yield "log p", values, "under the old model"
    yield (
        "log p",
        f"old {found.old_under_new:.2f}, new {found.new_under_new:.2f}",
        "under the new model" if not same_model else "",
    )
    yield "apart", f"{found.gap:.3f} nats a word", ""
