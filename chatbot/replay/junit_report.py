"""A `Replay` -> JUnit XML: a suite a conversation and model, a case a turn; different replies are failures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from chatbot.replay import rows
from chatbot.replay.results import BranchResult, ModelResult, Replay, TurnResult, Verdict
from chatbot.terminal import one_line

_NO_XML = re.compile("[\ufffe\uffff]")  # the control characters, which are none either, are visible already


def junit_report(replay: Replay) -> str:
    """The whole document."""
    suites = [line for result in replay.models for branch in result.branches for line in _suite(result, branch)]
    return "\n".join(
        ['<?xml version="1.0" encoding="utf-8"?>', '<testsuites name="replay">', *suites, "</testsuites>\n"]
    )


def _suite(result: ModelResult, branch: BranchResult) -> Iterator[str]:
    turns = branch.counted
    verdicts = [_verdict(turn) for turn in turns]
    counts = f'tests="{len(turns)}" failures="{verdicts.count(Verdict.DIFFERENT)}" errors="0"'
    name = quoteattr(xml_text(f"{branch.name}: {branch.title} ({rows.label(result)})"))
    yield f'  <testsuite name={name} {counts} skipped="{verdicts.count(Verdict.NONE)}">'
    group = quoteattr(xml_text(f"replay.{result.model}.{branch.name}"))
    for turn, verdict in zip(turns, verdicts, strict=True):
        case = f"    <testcase classname={group} name={quoteattr(xml_text(f'turn {turn.number}: {turn.said}'))}"
        if verdict in (Verdict.SAME, Verdict.EQUAL):
            yield f"{case}/>"
            continue
        facts = rows.turn_facts(rows.Changed(result, branch, turn))
        yield f"{case}>"
        if verdict is Verdict.NONE:
            found = turn.forced or turn.free
            yield f"      <skipped message={quoteattr(xml_text(found.why if found else 'not played'))}/>"
        else:
            lines = [xml_text(f"{what}: {text}" + (f" [{remark}]" if remark else "")) for what, text, remark in facts]
            body = escape("\n".join(lines))
            yield f'      <failure message="the reply is different">{body}</failure>'
        yield "    </testcase>"
    yield "  </testsuite>"


def _verdict(turn: TurnResult) -> Verdict:
    found = turn.forced or turn.free
    return found.verdict if found else Verdict.NONE


def xml_text(text: str) -> str:
    """A text on one line, of characters that XML 1.0 admits."""
    return _NO_XML.sub(lambda match: f"\\u{ord(match[0]):04x}", one_line(text))
