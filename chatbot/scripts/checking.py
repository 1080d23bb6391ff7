"""A turn's replies, one a sample -> which of its expectations held in how many of them, and why the others did not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from chatbot.errors import ChatbotError
from chatbot.scripts.expectations.table import TABLE, check
from chatbot.scripts.lanes import Lane, OpenSession, Place
from chatbot.scripts.results import Checked, TurnResult
from chatbot.scripts.script import REFUSED, Dialogue, Expectation, ScriptTurn
from chatbot.scripts.variables import captured

CAPTURE = "capture"


def check_turn(
    turn: ScriptTurn, dialogue: Dialogue, lanes: Sequence[Lane], open_session: OpenSession | None
) -> TurnResult:
    """What the turn that these samples have just been answered, or refused, came to; it also sets their variables."""
    texts = tuple(lane.heard for lane in lanes if not lane.refusal)
    places = [Place(lane, texts, open_session) for lane in lanes]
    try:
        checked = [
            _checked(number, expectation, places, dialogue.pass_rate)
            for number, expectation in enumerate(turn.expectations)
        ]
    finally:
        for place in places:
            place.close()
    return TurnResult(
        turn=turn,
        users=tuple(lane.turn.user for lane in lanes if lane.turn),
        replies=tuple(lane.heard for lane in lanes),
        seeds=tuple(lane.seed for lane in lanes),
        checked=(*checked, *_captured(turn, places, dialogue.pass_rate)),
    )


def _checked(number: int, expectation: Expectation, places: Sequence[Place], pass_rate: float) -> Checked:
    """Expectation `number` of the turn, its variables filled in for each sample, checked on all of them."""
    answered = [place for place in places if not place.lane.refusal] or places[:1]
    if TABLE[expectation.name].over_samples:
        why = _why(number, answered[0])
        return Checked(expectation, int(why is None), 1, 1.0, why or "", answered[0].lane.heard)
    return _counted(expectation, [_why(number, place) for place in places], places, pass_rate)


def _counted(
    expectation: Expectation, whys: Sequence[str | None], places: Sequence[Place], pass_rate: float
) -> Checked:
    failed = [number for number, why in enumerate(whys) if why is not None]
    why, said = (whys[failed[0]] or "", places[failed[0]].lane.heard) if failed else ("", "")
    return Checked(expectation, len(whys) - len(failed), len(whys), pass_rate, why, said)


def _why(number: int, place: Place) -> str | None:
    """Why it does not hold; what goes wrong in the check itself is why, too."""
    assert place.lane.turn is not None
    expectation = place.lane.turn.expectations[number]
    if place.lane.refusal and expectation.name != REFUSED:
        return f'was refused: "{place.lane.refusal}"'
    try:
        return check(expectation, place.evidence)
    except ChatbotError as error:
        return f"could not be checked: {error}"


def _captured(turn: ScriptTurn, places: Sequence[Place], pass_rate: float) -> Iterator[Checked]:
    """Let the samples' variables take what their patterns find; a capture that found nothing is one that failed."""
    for number, capture in enumerate(turn.captures):
        whys: list[str | None] = []
        for lane in (place.lane for place in places):
            assert lane.turn is not None
            alone = replace(lane.turn, captures=(lane.turn.captures[number],))
            lane.variables, failures = captured(alone, "" if lane.refusal else lane.heard, lane.variables)
            whys.append(failures[0] if failures else None)
        yield _counted(Expectation(CAPTURE, False, capture.pattern, capture.line), whys, places, pass_rate)
