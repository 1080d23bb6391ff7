"""JUnit XML holds whatever was said, and stays XML."""

from __future__ import annotations

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st
from toy_scripts import dialogue, toy_models, turn

from chatbot.scripts.interval import wilson
from chatbot.scripts.junit import junit_xml
from chatbot.scripts.results import DialogueResult, Report
from chatbot.scripts.running import Case, Runner

ANYTHING = st.text(st.characters(exclude_categories=()))


@given(ANYTHING, ANYTHING)
def test_any_text_makes_legal_xml_without_control_characters(name: str, why: str) -> None:
    results = (DialogueResult(dialogue(turn("hello"), name=name), model=why, error=why or "x"),)
    xml = junit_xml(Report(results))
    case = next(ElementTree.fromstring(xml).iter("testcase"))
    assert case.get("line") == "2"
    assert not {c for c in xml.decode() if ord(c) < 32} - {"\n"}


def test_a_suite_for_each_file_and_model_and_counts_that_add_up() -> None:
    script = dialogue(turn("hello", contains=("0",)), name="broken\x1b[31m")
    long = dialogue(turn("hello"), turn("why"), name="long")
    cases = [Case(script, "a"), Case(script, "b"), Case(long, "b")]
    root = ElementTree.fromstring(junit_xml(Report(tuple(Runner(toy_models()).run(cases, stop_at_first=True)))))
    assert [suite.get("name") for suite in root] == ["toy.dialogue.yaml (a)", "toy.dialogue.yaml (b)"]
    assert [(s.get("tests"), s.get("failures"), s.get("skipped")) for s in root] == [("1", "1", "0"), ("2", "1", "1")]
    assert [root.get(name) for name in ("tests", "failures", "errors", "skipped")] == ["3", "2", "0", "1"]
    case = root[0][0]
    assert case.get("name") == "broken\\x1b[31m"
    assert case[0].get("message") == 'toy.dialogue.yaml:4: contains: the reply does not contain "0"'
    assert case[0].text.splitlines()[1] == "    you> hello"


@given(st.integers(1, 500), st.data())
def test_the_interval_holds_the_share_and_shrinks(samples: int, data: st.DataObject) -> None:
    passed = data.draw(st.integers(0, samples))
    low, high = wilson(passed, samples)
    assert 0 <= low <= passed / samples <= high <= 1
    wider = wilson(passed * 4, samples * 4)
    assert wider[1] - wider[0] < high - low


def test_the_interval_is_that_of_the_textbooks() -> None:
    low, high = wilson(81, 263)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)
