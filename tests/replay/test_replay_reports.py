"""Reports: what they hold, and that nothing said can be taken for markup or drive a terminal."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from talks import LINES, alter_reply, branches, talk

from chatbot.dialogue.model import Model
from chatbot.errors import UsageError
from chatbot.replay import details
from chatbot.replay.html_report import difference
from chatbot.replay.player import Playing
from chatbot.replay.playing import replay
from chatbot.replay.reports import FORMATS, format_of, write_report
from chatbot.replay.results import Replay
from chatbot.replay.text_report import text_report
from chatbot.store.history import History

HOSTILE = 'Is <script>alert(1)</script> | "fine" & \x1b[31m*red*\x00 \ufffe ]]> `x`?'


@pytest.fixture(scope="module")
def found(tiny: Model, stranger: Model) -> Replay:
    """Three conversations, one of them hostile, one with a stopped reply, replayed by two models."""
    with History.open("sqlite://") as history:
        talk(history, tiny)
        talk(history, tiny, [HOSTILE, LINES[0]])
        talk(history, tiny, LINES[:1], temperature=0.0, beam_size=2)
        alter_reply(history, 6, text="zzz", token_ids=[270, 270, 270], complete=False)
        return replay(branches(history), [tiny, stranger], Playing(changes={"max_length": 13}), ["a note"])


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_raw_is_in_any_report(found: Replay, name: str) -> None:
    text = FORMATS[name](found)
    assert "\x1b" not in text
    assert "\x00" not in text
    assert "a note" in text or name == "junit"
    assert LINES[1].split("?")[0] in text


def test_text_is_cut_to_what_changed_most(found: Replay) -> None:
    lines = text_report(found, 1).splitlines()
    assert lines[0].startswith("3 conversations, 6 turns, compared with the log: tiny")
    assert "  1 turn: not compared: was stopped in a search that cannot be stopped at the same place again" in lines
    assert "(2 more conversations; all of them with --show 0 or --report FILE)" in lines
    assert any(line.endswith("with other words; all of them with --show 0 or --report FILE)") for line in lines)
    whole = text_report(found)
    assert "more conversations" not in whole
    assert whole.count("  old   ") == len(details.changed(found))


def test_turns_are_ordered_by_what_was_asked_for(found: Replay) -> None:
    by_likelihood = [one.turn.likelihood.gap for one in details.changed(found) if one.turn.likelihood]
    by_chrf = [one.turn.forced.chrf for one in details.changed(found, "chrf") if one.turn.forced]
    assert by_likelihood == sorted(by_likelihood, reverse=True)
    assert by_chrf == sorted(by_chrf, key=lambda value: 100.0 if value is None else value)
    assert len(by_chrf) > 3


def test_json_holds_everything(found: Replay) -> None:
    value = json.loads(FORMATS["json"](found))
    assert value["differs"] is True
    assert value["changes"] == {"max_length": 13}
    assert [model["model"] for model in value["models"]] == ["tiny", "stranger"]
    turns = [turn for room in value["models"][1]["conversations"] for turn in room["turns"]]
    assert [turn["said"] for turn in turns][3] == HOSTILE.replace("\x00", "\ufffd")
    assert {"verdict", "text", "chrf", "why", "seed", "score"} == set(turns[0]["forced"])
    assert turns[0]["likelihood"]["gap"] > 0
    assert value["models"][0]["totals"]["same"]["of"] == 5


def test_junit_is_xml_with_a_failure_for_each_different_reply(found: Replay) -> None:
    root = ElementTree.fromstring(FORMATS["junit"](found))
    suites = root.findall("testsuite")
    assert len(suites) == 6
    cases = [case for suite in suites for case in suite.findall("testcase")]
    different = sum(result.totals.different.count for result in found.models if result.totals.different)
    assert (len(cases), len(root.findall(".//failure"))) == (12, different)
    assert len(root.findall(".//skipped")) == 2
    assert sum(int(suite.get("failures", "")) for suite in suites) == different
    assert "<script>" in (cases[3].get("name") or "")
    assert "forced:" in (root.findall(".//failure")[0].text or "")


class Tags(HTMLParser):
    """Every tag of a page, and the addresses it names."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name in ("src", "href", "onclick", "style")]


def test_html_is_one_page_that_fetches_and_runs_nothing(found: Replay) -> None:
    page = FORMATS["html"](found)
    tags = Tags()
    tags.feed(page)
    assert "script" not in tags.tags
    assert tags.addresses == []
    assert "@import" not in page
    assert "url(" not in page
    assert tags.tags.count("section") == len(details.changed(found))
    assert 'name="viewport"' in page


def test_a_difference_marks_words() -> None:
    assert difference("I like tea", "I like <b>") == "I like <del>tea</del> <ins>&lt;b&gt;</ins>"
    assert difference("same", "same") == "same"


def test_markdown_shows_what_was_said_as_itself(found: Replay) -> None:
    text = FORMATS["markdown"](found)
    assert "\\<script\\>" in text
    assert "\\*red\\*" in text
    tables = [line for line in text.splitlines() if line.startswith("|")]
    assert all(line.replace("\\|", "").count("|") in (4, 5, 10) for line in tables), tables


def test_a_report_is_what_its_suffix_says(found: Replay, tmp_path: Path) -> None:
    for suffix in (".txt", ".json", ".md", ".html", ".xml"):
        path = tmp_path / f"report{suffix}"
        write_report(found, path)
        assert path.read_text(encoding="utf-8") == FORMATS[format_of(path)](found)
        assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(UsageError, match=r"\.md"):
        format_of(Path("report.mdd"))
    with pytest.raises(UsageError, match="cannot be written"):
        write_report(found, tmp_path / "nowhere" / "report.md")
