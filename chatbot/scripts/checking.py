"""A turn's replies, one a sample -> which of its expectations held in how many of them, and why the others did not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from chatbot.errors import ChatbotError
from chatbot.scripts.evidence import Evidence
from chatbot.scripts.expectations.table import TABLE, check
from chatbot.scripts.lanes import Lane, OpenSession, Place
from chatbot.scripts.results import Checked, TurnResult
from chatbot.scripts.script import Dialogue, Expectation, ScriptTurn
from chatbot.scripts.variables import captured

CAPTURE = "capture"


def check_turn(
    turn: ScriptTurn, dialogue: Dialogue, lanes: Sequence[Lane], open_session: OpenSession | None
) -> TurnResult:
    """What the turn that these samples have just heard the reply to came to; their variables are then up to date."""
    texts = tuple(lane.turns[-1].reply.text for lane in lanes)
    evidence = [Place(lane, open_session).evidence(texts) for lane in lanes]
    checked = [
        _checked([_expected(lane, place) for lane in lanes], evidence, dialogue.pass_rate)
        for place in range(len(turn.expectations))
    ]
    return TurnResult(
        turn=turn,
        users=tuple(lane.turns[-1].text for lane in lanes),
        replies=texts,
        seeds=tuple(lane.turns[-1].reply.seed for lane in lanes),
        checked=(*checked, *_captured(turn, lanes, evidence, dialogue.pass_rate)),
    )


def _expected(lane: Lane, place: int) -> Expectation:
    assert lane.turn is not None
    return lane.turn.expectations[place]


def _checked(expected: Sequence[Expectation], evidence: Sequence[Evidence], pass_rate: float) -> Checked:
    """One expectation, its variables filled in for each sample, checked on all of them."""
    first = expected[0]
    if TABLE[first.name].over_samples:
        why = _why(first, evidence[0])
        return Checked(first, int(why is None), 1, 1.0, why or "", evidence[0].text)
    return _counted(first, [_why(*pair) for pair in zip(expected, evidence, strict=True)], evidence, pass_rate)


def _counted(
    expectation: Expectation, whys: Sequence[str | None], evidence: Sequence[Evidence], pass_rate: float
) -> Checked:
    failed = [place for place, why in enumerate(whys) if why is not None]
    first = failed[0] if failed else 0
    why, said = (whys[first] or "", evidence[first].text) if failed else ("", "")
    return Checked(expectation, len(whys) - len(failed), len(whys), pass_rate, why, said)


def _why(expectation: Expectation, evidence: Evidence) -> str | None:
    """Why it does not hold; what goes wrong in the check itself is why, too."""
    try:
        return check(expectation, evidence)
    except ChatbotError as error:
        return f"could not be checked: {error}"


def _captured(turn: ScriptTurn, lanes: Sequence[Lane], evidence: Sequence[Evidence], rate: float) -> Iterator[Checked]:
    """Let the samples' variables take what their patterns find; a capture that found nothing is one that failed."""
    for place, capture in enumerate(turn.captures):
        whys: list[str | None] = []
        for lane, seen in zip(lanes, evidence, strict=True):
            assert lane.turn is not None
            alone = replace(lane.turn, captures=(lane.turn.captures[place],))
            lane.variables, failures = captured(alone, seen.text, lane.variables)
            whys.append(failures[0] if failures else None)
        yield _counted(Expectation(CAPTURE, False, capture.pattern, capture.line), whys, evidence, rate)
