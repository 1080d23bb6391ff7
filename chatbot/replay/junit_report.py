"""A `Replay` -> JUnit XML: a suite a conversation and model, a case a turn; different replies are failures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from chatbot.replay import details, rows
from chatbot.replay.results import BranchResult, ModelResult, Replay, SideResult, TurnResult, Verdict
from chatbot.terminal import one_line

_NO_XML = re.compile("[\ufffe\uffff]")  # the control characters, which are none either, are visible already


def junit_report(replay: Replay) -> str:
    """The whole document."""
    suites = [line for result in replay.models for branch in result.branches for line in _suite(result, branch)]
    suites += _side_suite(replay.side) if replay.side else []
    head = '<?xml version="1.0" encoding="utf-8"?>\n<testsuites name="replay">'
    return "\n".join([head, *suites, "</testsuites>\n"])


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
        facts = details.turn_facts(details.Changed(result, branch, turn))
        found = turn.forced or turn.free
        yield f"{case}>"
        yield _ending(verdict, found.why if found else "not played", "the reply is different", facts)
        yield "    </testcase>"
    yield "  </testsuite>"


def _side_suite(side: Sequence[SideResult]) -> Iterator[str]:
    verdicts = [one.verdict for one in side]
    counts = f'tests="{len(side)}" failures="{verdicts.count(Verdict.DIFFERENT)}" errors="0"'
    yield f'  <testsuite name="side results" {counts} skipped="{verdicts.count(Verdict.NONE)}">'
    for one, verdict in zip(side, verdicts, strict=True):
        case = f'    <testcase classname="replay.side" name={quoteattr(xml_text(details.side_title(one)))}'
        if verdict is Verdict.SAME:
            yield f"{case}/>"
            continue
        yield f"{case}>"
        yield _ending(verdict, one.why, f"the {one.kind} is different", details.side_facts(one))
        yield "    </testcase>"
    yield "  </testsuite>"


def _ending(verdict: Verdict, why: str, message: str, facts: Iterable[details.Fact]) -> str:
    """What a case holds that did not pass."""
    if verdict is Verdict.NONE:
        return f"      <skipped message={quoteattr(xml_text(why))}/>"
    lines = [xml_text(f"{what}: {text}" + (f" [{remark}]" if remark else "")) for what, text, remark in facts]
    body = escape("\n".join(lines))
    return f"      <failure message={quoteattr(xml_text(message))}>{body}</failure>"


def _verdict(turn: TurnResult) -> Verdict:
    found = turn.forced or turn.free
    return found.verdict if found else Verdict.NONE


def xml_text(text: str) -> str:
    """A text on one line, of characters that XML 1.0 admits."""
    return _NO_XML.sub(lambda match: f"\\u{ord(match[0]):04x}", one_line(text))
