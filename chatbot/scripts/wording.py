"""What broke, in words: shared by the terminal, JUnit and pytest, each of which lays it out in its own way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from chatbot.scripts.results import Checked, DialogueResult, TurnResult
from chatbot.terminal import one_line

EARLIER = 3  # turns before a broken one that are shown with it


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that broke: where, what, and what was said up to there as (who, text)."""

    path: Path
    line: int
    text: str
    said: tuple[tuple[str, str], ...]

    @property
    def where(self) -> str:
        """File and line."""
        return f"{self.path}:{self.line}"


def complaints(result: DialogueResult) -> Iterator[Complaint]:
    """All that broke in a dialogue, in the order of its turns."""
    for number, turn in enumerate(result.turns):
        for checked in turn.checked:
            if not checked.ok:
                said = (*_before(result.turns[:number]), *_heard(turn, checked))
                yield Complaint(turn.turn.path, checked.expectation.line, _sentence(checked), said)
    for stop in result.stopped:
        samples = result.dialogue.samples
        some = f" (in {stop.samples} of {samples} samples)" if samples > 1 else ""
        yield Complaint(stop.path, stop.line, f"got no reply: {stop.why}{some}", _before(result.turns))


def lines_of(result: DialogueResult, named: str = "") -> Iterator[str]:
    """All that broke as lines safe to print: each complaint, and after those of the same turn what was said."""
    found = list(complaints(result))
    for one, after in zip(found, [*found[1:], None], strict=True):
        yield one_line(f"{one.where}: {named}{one.text}")
        if after is None or after.said != one.said:
            yield from (f"    {who}> {one_line(text)}" for who, text in one.said)


def interval_words(checked: Checked) -> str:
    """In how many samples it held, and what that says of all there could be: "12 of 20 (39 to 78 %)"."""
    low, high = checked.interval
    return f"{checked.passed} of {checked.samples} samples ({100 * low:.0f} to {100 * high:.0f} %)"


def _sentence(checked: Checked) -> str:
    name, why = checked.expectation.spelled, f"the reply {checked.why}"
    if checked.samples == 1:
        return f"{name}: {why}"
    wanted = f"held in {interval_words(checked)}, expected {100 * checked.pass_rate:.0f} %"
    return f"{name}: {wanted}; of the first that failed: {why}"


def _before(turns: tuple[TurnResult, ...]) -> tuple[tuple[str, str], ...]:
    """What the first sample said and heard."""
    return tuple(pair for turn in turns[-EARLIER:] for pair in (("you", turn.users[0]), ("bot", turn.replies[0])))


def _heard(turn: TurnResult, checked: Checked) -> tuple[tuple[str, str], ...]:
    place = turn.replies.index(checked.said) if checked.said in turn.replies else 0
    return (("you", turn.users[place]), ("bot", turn.replies[place]))
