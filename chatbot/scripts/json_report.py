"""A report -> plain values for JSON; what `chatbot test --json` prints, and part of the contract with its readers.

{"format": 1, "passed": bool, "seconds": x, "counts": {"passed": n, "failed": n, "error": n, "not run": n, "unread": n},
 "unread": [{"file", "message"}], "dialogues": [{"name", "file", "line", "tags", "model", "fingerprint", "seed",
 "samples", "pass_rate", "repeat" (from 1), "status", "seconds", "error" (or null), "turns": [...], "stopped": [...]}]}
A turn: {"file", "line", "user", "replies", "seeds", "expectations"}: one user text, reply and seed for each sample
that got so far ("user" is the first one's). An expectation: {"name", "line", "ok", "passed", "samples", "interval":
[low, high], "why", "said"}, the last two of the first sample where it did not hold, else null. A stop: {"file",
"line", "why", "samples"}.
"""

from __future__ import annotations

from typing import Any

from chatbot.scripts.results import ERROR, FAILED, PASSED, SKIPPED, Checked, DialogueResult, Report, TurnResult

FORMAT = 1


def report_values(report: Report) -> dict[str, Any]:
    """The report as documented above."""
    counts = {status: report.count(status) for status in (PASSED, FAILED, ERROR, SKIPPED)}
    return {
        "format": FORMAT,
        "passed": report.passed,
        "seconds": round(report.seconds, 4),
        "counts": {**counts, "unread": len(report.unread)},
        "unread": [{"file": str(one.path), "message": one.message} for one in report.unread],
        "dialogues": [_dialogue(result) for result in report.results],
    }


def _dialogue(result: DialogueResult) -> dict[str, Any]:
    dialogue = result.dialogue
    return {
        "name": dialogue.name,
        "file": str(dialogue.path),
        "line": dialogue.line,
        "tags": list(dialogue.tags),
        "model": result.model,
        "fingerprint": result.fingerprint,
        "seed": dialogue.seed,
        "samples": dialogue.samples,
        "pass_rate": dialogue.pass_rate,
        "repeat": result.repeat + 1,
        "status": result.status,
        "seconds": round(result.seconds, 4),
        "error": result.error or None,
        "turns": [_turn(turn) for turn in result.turns],
        "stopped": [
            {"file": str(stop.path), "line": stop.line, "why": stop.why, "samples": stop.samples}
            for stop in result.stopped
        ],
    }


def _turn(result: TurnResult) -> dict[str, Any]:
    return {
        "file": str(result.turn.path),
        "line": result.turn.line,
        "user": result.users[0],
        "replies": list(result.replies),
        "seeds": list(result.seeds),
        "expectations": [_expectation(checked) for checked in result.checked],
    }


def _expectation(checked: Checked) -> dict[str, Any]:
    return {
        "name": checked.expectation.spelled,
        "line": checked.expectation.line,
        "ok": checked.ok,
        "passed": checked.passed,
        "samples": checked.samples,
        "interval": [round(bound, 4) for bound in checked.interval],
        "why": checked.why or None,
        "said": checked.said if checked.why else None,
    }
