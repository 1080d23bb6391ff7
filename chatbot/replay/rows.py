"""A `Replay` -> the title, notes and tables that every report is made of; texts stand as they were said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from chatbot.replay.intervals import HOW, Mean, Share
from chatbot.replay.results import (
    BranchResult,
    Mode,
    ModelResult,
    Replay,
    Totals,
    Verdict,
)

SHORT = 12  # characters of a fingerprint
MOST_REMARKS = 8  # kinds of them
Row = tuple[str, ...]


def label(result: ModelResult) -> str:
    """A model by name and fingerprint."""
    return f"{result.model} {result.fingerprint[:SHORT]}"


def title(replay: Replay) -> str:
    """The first line of a report."""
    branches = replay.models[0].branches
    turns = sum(len(branch.turns) for branch in branches)
    against = f"the baseline {replay.baseline}" if replay.baseline else "the log"
    played = f"{count(len(branches), 'conversation')}, {count(turns, 'turn')}"
    return f"{played}, compared with {against}: " + " / ".join(map(label, replay.models))


def notes(replay: Replay) -> list[str]:
    """What is to be known about the whole: what was changed, left out, or is not known any more."""
    found = list(replay.notes)
    if replay.changes:
        found.insert(0, "settings changed: " + ", ".join(f"{name}={value}" for name, value in replay.changes.items()))
    gone = sorted({fingerprint for result in replay.models for fingerprint in result.gone})
    if gone:
        shown = ", ".join(one[:SHORT] for one in gone[:5]) + (", ..." if len(gone) > 5 else "")
        found.append(f"not among the known models, so without likelihoods of their own: {shown}")
    found += _remarks(replay)
    if share_of_side := replay.side_share:
        same = share_of_side.of - share_of_side.count
        found.append(f"translations, generated texts and tags made again: {same} of {share_of_side.of} the same")
    return found


def _remarks(replay: Replay) -> list[str]:
    """What was said of turns, and why some were not compared, with how many; those of the first model."""
    turns = [turn for branch in replay.models[0].branches for turn in branch.counted]
    remarks = [remark for turn in turns for remark in turn.remarks]
    for turn in turns:
        first = turn.forced or turn.free
        remarks += [f"not compared: {first.why}"] if first and first.verdict is Verdict.NONE else []
    return [f"{count(times, 'turn')}: {remark}" for remark, times in Counter(remarks).most_common(MOST_REMARKS)]


BRANCH_HEAD = ("conversation", "model", "turns", "same", "as likely", "different", "free same", "drifted", "parts at")


def branch_rows(replay: Replay, most: int | None = None) -> list[Row]:
    """One row a conversation and model, in order; for `most` only the conversations that changed most."""
    branches = list(zip(*(result.branches for result in replay.models), strict=True))
    if most is not None and len(branches) > most:
        branches.sort(key=lambda row: -max(map(_changes, row)))
        branches = branches[:most]
    return [
        _branch_row(branch, label(result))
        for row in branches
        for branch, result in zip(row, replay.models, strict=True)
    ]


def _changes(branch: BranchResult) -> float:
    found = [turn.forced or turn.free for turn in branch.counted]
    return sum(one is not None and one.verdict is Verdict.DIFFERENT for one in found) / max(1, len(found))


def _branch_row(branch: BranchResult, model: str) -> Row:
    turns = branch.counted
    forced = [turn.forced.verdict for turn in turns if turn.forced]
    free = [turn.free.verdict for turn in turns if turn.free]
    of_forced = [str(forced.count(one)) if forced else "-" for one in (Verdict.SAME, Verdict.EQUAL, Verdict.DIFFERENT)]
    return (
        branch.name,
        model,
        str(len(turns)),
        *of_forced,
        str(free.count(Verdict.SAME)) if free else "-",
        str(sum(turn.drifted for turn in turns)) if forced and free else "-",
        str(branch.parted or "-"),
    )


def total_rows(replay: Replay) -> list[Row]:
    """Totals, one row a measure and one column a model; the first row is the head."""
    named: dict[str, Callable[[Totals], str]] = {
        "replies compared": lambda t: str(t.compared),
        "same words": lambda t: _share(t.same),
        "other words, as likely": lambda t: _share(t.equal),
        "different": lambda t: _share(t.different),
        "free: same words": lambda t: _share(t.free_same),
        "free: changed by the context alone": lambda t: _share(t.drifted),
        "free: conversations that part": lambda t: _share(t.parted),
        "chrF with the old replies": lambda t: _mean(t.chrf, 1),
        "nats a word, old replies, old model": lambda t: _mean(t.old_words, 3),
        "nats a word, old replies, new model": lambda t: _mean(t.new_words, 3),
        "new minus old model": lambda t: _mean(t.shift, 3),
    }
    rows = [(name, *(value(result.totals) for result in replay.models)) for name, value in named.items()]
    return [("total", *map(label, replay.models)), *(row for row in rows if set(row[1:]) != {"-"})]


def pair_rows(replay: Replay) -> list[Row]:
    """Two models side by side; none for a single model, else the first row is the head."""
    rows = [
        (
            f"{label(replay.models[pair.first])} / {label(replay.models[pair.second])}",
            _share(pair.same),
            _mean(pair.likelihood, 3),
            _mean(pair.chrf, 1),
        )
        for pair in replay.pairs
    ]
    head = ("first / second", "same words", "nats a word, old replies, second minus first", "chrF, second minus first")
    return [head, *rows] if rows else []


def how(replay: Replay) -> list[str]:
    """How to read the numbers."""
    told = [f"{HOW}."]
    if Mode.FORCED in replay.modes:
        told.append(f"As likely: at most {replay.tolerance:g} nats a word apart under every model known.")
    if len(replay.modes) > 1:
        told.append("Forced replies follow the logged ones, free replies the new ones.")
    return told


def _share(found: Share | None) -> str:
    if found is None:
        return "-"
    return f"{found.value:.1%} ({found.low:.1%} to {found.high:.1%})"


def _mean(found: Mean | None, digits: int) -> str:
    if found is None:
        return "-"
    return f"{found.value:.{digits}f} ({found.low:.{digits}f} to {found.high:.{digits}f})"


def count(number: int, noun: str) -> str:
    """Such as "3 turns"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def columns(rows: Sequence[Row]) -> list[int]:
    """The width of each column."""
    return [max(len(row[place]) for row in rows) for place in range(len(rows[0]))] if rows else []
