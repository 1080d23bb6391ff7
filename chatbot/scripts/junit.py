"""A report -> JUnit XML as CI systems read it: a suite for each file and model, a case for each dialogue."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from chatbot.scripts.results import ERROR, FAILED, SKIPPED, DialogueResult, Report
from chatbot.scripts.wording import lines_of
from chatbot.terminal import visible

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # of XML 1.0


def junit_xml(report: Report) -> bytes:
    """The XML, in UTF-8. Whatever XML 1.0 or a terminal could not take is shown by its escape."""
    root = ElementTree.Element("testsuites", {"name": "chatbot test", "time": f"{report.seconds:.3f}"})
    groups: dict[tuple[str, str], list[DialogueResult]] = {}
    for result in report.results:
        groups.setdefault((str(result.dialogue.path), result.model), []).append(result)
    for (path, model), results in groups.items():
        suite = _element(root, "testsuite", name=f"{path} ({model})" if model else path, file=path)
        for result in results:
            _case(suite, result)
        _count(suite, sum(result.seconds for result in results))
    for unread in report.unread:
        suite = _element(root, "testsuite", name=str(unread.path), file=str(unread.path))
        case = _element(suite, "testcase", classname=str(unread.path), name="the script", time="0.000")
        _element(case, "error", message=unread.message)
        _count(suite, 0.0)
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    ElementTree.indent(root)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _case(suite: ElementTree.Element, result: DialogueResult) -> None:
    dialogue = result.dialogue
    name = f"{dialogue.name} [{result.repeat + 1}]" if result.repeat else dialogue.name
    place = {"classname": str(dialogue.path), "file": str(dialogue.path), "line": str(dialogue.line)}
    case = _element(suite, "testcase", name=name, time=f"{result.seconds:.3f}", **place)
    if result.status == SKIPPED:
        _element(case, "skipped", message="not run: another dialogue broke before")
    elif result.status == ERROR:
        _element(case, "error", message=result.error)
    elif result.status == FAILED:
        first, *_ = body = list(lines_of(result))
        _element(case, "failure", "\n".join(body), message=first, type="DialogueFailure")


def _count(suite: ElementTree.Element, seconds: float) -> None:
    tags = [child.tag for case in suite for child in case]
    counts = {"tests": len(suite), **{name: tags.count(tag) for name, tag in _TAGS.items()}}
    for name, value in counts.items():
        suite.set(name, str(value))
    suite.set("time", f"{seconds:.3f}")


_TAGS = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def _element(parent: ElementTree.Element, tag: str, text: str | None = None, **attributes: str) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, tag, {name: _legal(value) for name, value in attributes.items()})
    element.text = None if text is None else _legal(text)
    return element


def _legal(text: str) -> str:
    return _ILLEGAL.sub("\ufffd", visible(text, keep_newlines=True))
