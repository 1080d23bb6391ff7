"""The pytest plugin as people meet it: scripts are tests, with -k, -m, JUnit XML and xdist; without it, nothing."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

import chatbot.cli.pytest_items
import chatbot.dialogue.chatbot  # noqa: F401
from chatbot.store.history import History

pytest_plugins = ("pytester",)

SCRIPT = """\
model: {model}
tags: manners
dialogues:
  - name: short enough
    turns:
      - user: hello
        words: 1 to 20
  - name: too long
    tags: smoke
    turns:
      - user: hello
      - user: and then?
        words: at most 0
  - name: drawn
    tags: [slow, odd one]
    settings: {{temperature: 0.9}}
    samples: 5
    turns:
      - user: hello
        words: 1 to 20
"""


@pytest.fixture(autouse=True, scope="module")
def _imported(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Import here, for good, all that opening a history imports: pytester forgets what is imported in its runs."""
    with History.open(str(tmp_path_factory.mktemp("home") / "history.db")):
        pass


@pytest.fixture
def suite(pytester: pytest.Pytester, tiny_bundle: Path) -> pytest.Pytester:
    """A folder with a script of three dialogues, one of which breaks, and a test in Python."""
    pytester.makepyfile(
        """
        def test_it_answers(chatbot):
            assert chatbot.turns == ()
            assert str(chatbot.reply("hello", seed=1))
            assert len(chatbot.turns) == 1

        def test_each_has_its_own(chatbot):
            assert chatbot.turns == ()
        """
    )
    pytester.makeini(f"[pytest]\nchatbot_model = {tiny_bundle}\naddopts = --strict-markers -p no:randomly\n")
    pytester.path.joinpath("talk.dialogue.yaml").write_text(SCRIPT.format(model=tiny_bundle))
    return pytester


def test_scripts_are_tests_and_failures_name_file_and_line(suite: pytest.Pytester) -> None:
    result = suite.runpytest("-v", "-W", "error", "-p", "no:xdist")
    result.assert_outcomes(passed=4, failed=1)
    result.stdout.fnmatch_lines(
        [
            "talk.dialogue.yaml::short enough PASSED*",
            "talk.dialogue.yaml::too long FAILED*",
            "talk.dialogue.yaml:13: words: the reply has * words, where at most 0 was named",
            "    you> and then?",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")


@pytest.mark.parametrize(
    ("arguments", "passed"),
    [
        (["-k", "short"], 1),
        (["-k", "answers or drawn"], 2),
        (["-m", "manners and not smoke"], 2),
        (["-m", "slow"], 1),
        (["talk.dialogue.yaml::drawn"], 1),
    ],
)
def test_they_are_chosen_as_tests_are(suite: pytest.Pytester, arguments: list[str], passed: int) -> None:
    suite.runpytest(*arguments).assert_outcomes(passed=passed, deselected=0 if "::" in arguments[0] else 5 - passed)


def test_those_of_a_file_are_held_in_one_batch(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    from chatbot.scripts.running import Runner

    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)  # there, each would be held alone
    batches, run = [], Runner.run
    monkeypatch.setattr(Runner, "run", lambda self, cases: batches.append(len(cases)) or run(self, cases))
    suite.runpytest("-m", "manners").assert_outcomes(passed=2, failed=1, deselected=2)
    assert batches == [3]


def test_junit_xml_names_the_dialogue_and_why_it_broke(suite: pytest.Pytester) -> None:
    suite.runpytest("--junitxml=report.xml")
    cases = list(ElementTree.parse(suite.path / "report.xml").iter("testcase"))
    assert [case.get("name") for case in cases][:3] == ["short enough", "too long", "drawn"]
    (failure,) = [case.find("failure") for case in cases if case.find("failure") is not None]
    assert failure.text.startswith("talk.dialogue.yaml:13: words: ")


def test_they_run_in_several_processes(suite: pytest.Pytester) -> None:
    pytest.importorskip("xdist")
    result = suite.runpytest_subprocess("-n", "2", "-W", "error")
    result.assert_outcomes(passed=4, failed=1)
    result.stdout.fnmatch_lines(["talk.dialogue.yaml:13: words: *"])


def test_commands_and_the_history_can_be_expected(suite: pytest.Pytester) -> None:
    script = "turns:\n  - user: hello\n    command: {run: /note well, contains: noted}\n    stored: {note: well}\n"
    suite.path.joinpath("kept.dialogue.yaml").write_text(script)
    suite.runpytest("kept.dialogue.yaml").assert_outcomes(passed=1)


def test_a_script_that_cannot_be_read_is_one_line(suite: pytest.Pytester) -> None:
    suite.path.joinpath("bad.dialogue.yaml").write_text("dialogues:\n  - turn: []\n")
    result = suite.runpytest("--continue-on-collection-errors")
    result.assert_outcomes(passed=4, failed=1, errors=1)
    result.stdout.fnmatch_lines(["bad.dialogue.yaml:2: unknown key 'turn'; did you mean 'turns'?"])


def test_another_model_is_chosen_by_option(suite: pytest.Pytester) -> None:
    result = suite.runpytest("--chatbot-model", "nowhere")
    result.assert_outcomes(failed=3, errors=2)
    result.stdout.fnmatch_lines(["talk.dialogue.yaml:4: no model named 'nowhere'*"])


def test_a_suite_without_scripts_is_left_alone(pytester: pytest.Pytester) -> None:
    """Nothing but the plugin's own file is imported, and nothing of it is seen."""
    pytester.makepyfile(
        """
        import sys

        def test_light():
            ours = {name for name in sys.modules if name.startswith("chatbot")}
            assert ours <= {"chatbot", "chatbot.cli", "chatbot.cli.pytest_plugin"}
            assert not {"numpy", "re2", "ruamel", "click", "sqlalchemy", "tensorflow"} & set(sys.modules)
        """
    )
    pytester.path.joinpath("talk.yaml").write_text("turns: []\n")
    result = pytester.runpytest_subprocess("-W", "error", "--strict-markers", "--strict-config")
    result.assert_outcomes(passed=1)
