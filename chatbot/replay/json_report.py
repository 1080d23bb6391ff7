"""A `Replay` -> one JSON object with everything that was found."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from chatbot.replay import rows
from chatbot.replay.results import ModelResult, Outcome, Replay, TurnResult, differing
from chatbot.terminal import replace_unsafe


def json_value(replay: Replay) -> dict[str, Any]:
    """Everything, as JSON holds it."""
    return {
        "modes": [str(mode) for mode in replay.modes],
        "changes": replay.changes,
        "tolerance": replay.tolerance,
        "threshold": replay.threshold,
        "baseline": replay.baseline,
        "differs": replay.differs,
        "notes": rows.notes(replay),
        "models": [_json_model(result, replay) for result in replay.models],
        "pairs": [_plain(pair) for pair in replay.pairs],
        "side": [{**asdict(one), "verdict": str(one.verdict)} for one in replay.side],
    }


def _json_model(result: ModelResult, replay: Replay) -> dict[str, Any]:
    return {
        "model": result.model,
        "fingerprint": result.fingerprint,
        "differing": differing(result, replay.modes),
        "seconds": result.seconds,
        "gone": list(result.gone),
        "totals": _plain(result.totals),
        "conversations": [
            {
                "name": branch.name,
                "uid": branch.uid,
                "title": branch.title,
                "parted": branch.parted,
                "turns": [_json_turn(turn) for turn in branch.turns],
            }
            for branch in result.branches
        ],
    }


def _json_turn(turn: TurnResult) -> dict[str, Any]:
    likelihood = turn.likelihood
    return {
        "number": turn.number,
        "said": turn.said,
        "counted": turn.counted,
        "old": _plain(turn.reference),
        "forced": _json_outcome(turn.forced),
        "free": _json_outcome(turn.free),
        "drifted": turn.drifted,
        "likelihood": likelihood and {**_plain(likelihood), "gap": likelihood.gap, "shift": likelihood.shift},
        "remarks": list(turn.remarks),
    }


def _json_outcome(found: Outcome | None) -> dict[str, Any] | None:
    if found is None:
        return None
    values = {"verdict": str(found.verdict), "text": found.text, "chrf": found.chrf, "why": found.why}
    if reply := found.reply:
        values |= {"seed": reply.seed, "score": reply.score if reply.score == reply.score else None}
    return values


def _plain(value: Any) -> Any:
    return None if value is None else asdict(value)


def json_report(replay: Replay) -> str:
    """One JSON object; what is unsafe for a terminal is escaped as JSON does."""
    text = json.dumps(json_value(replay), ensure_ascii=False, indent=2, allow_nan=False)
    return replace_unsafe(text, lambda c: c if c == "\n" else json.dumps(c)[1:-1]) + "\n"
