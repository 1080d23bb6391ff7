"""What was said is written into scripts, and nothing else in them moves."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from toy_scripts import toy_models

from chatbot.errors import ScriptError
from chatbot.scripts.places import places, spelled
from chatbot.scripts.reading import read_script
from chatbot.scripts.results import Report
from chatbot.scripts.running import Case, Runner
from chatbot.scripts.updating import update_scripts

SCRIPT = """\
# a script of mine
settings: {max_length: 6}   # short
dialogues:
  - name: "quotes"
    turns:
      - user: hello
        reply: 'it''s'   # single
      - user: why
        reply: "a \\"b\\""
      - {user: how, reply: plain, contains: "0"}

  - name: lists
    turns:
      - user: hello
        any_of:
          - one   # remark
          - two

        # a remark of mine
        words: 100
      - user: |
          a text
          of two lines
        reply: >
          folded

      - user: why
        contains: [a,
          "0"]
        not_contains: a
"""


def run(path: Path) -> Report:
    cases = [Case(one) for one in read_script(path).dialogues]
    return Report(tuple(Runner(toy_models()).run(cases)))


def said(report: Report) -> list[str]:
    return [turn.replies[0] for one in report.results for turn in one.turns]


def test_only_replies_are_replaced_and_only_remarks_are_added(tmp_path: Path) -> None:
    path = tmp_path / "a.dialogue.yaml"
    path.write_text(SCRIPT)
    report = run(path)
    hello, why, how, *_ = texts = said(report)
    assert update_scripts(report) == [(path, 8)]
    quoted = hello.replace("'", "''")
    expected = SCRIPT.replace("'it''s'", f"'{quoted}'").replace('"a \\"b\\""', f'"{why}"')
    expected = expected.replace("reply: plain", f"reply: {how}" if how[0].isalpha() else f'reply: "{how}"')
    expected = expected.replace('contains: "0"}\n', f'contains: "0"}}\n      # got: {how}\n')
    expected = expected.replace("          - two\n", f"          - two\n        # got: {texts[3]}\n")
    expected = expected.replace("        words: 100\n", f"        words: 100\n        # got: {texts[3]}\n")
    expected = expected.replace("          folded\n", f"          folded\n        # got: {texts[4]}\n")
    if "a" in texts[5]:
        expected = expected.replace(
            "        not_contains: a\n", f"        not_contains: a\n        # got: {texts[5]}\n"
        )
    else:
        expected = expected.replace('          "0"]\n', f'          "0"]\n        # got: {texts[5]}\n')
    assert path.read_text() == expected


def test_a_second_update_changes_nothing_and_remarks_go_when_all_holds(tmp_path: Path) -> None:
    path = tmp_path / "a.dialogue.yaml"
    path.write_text(SCRIPT)
    update_scripts(run(path))
    once = path.read_text()
    assert update_scripts(run(path)) == []
    assert path.read_text() == once
    path.write_text(once.replace("words: 100", "words: at least 0"))
    update_scripts(run(path))
    assert path.read_text().count("# got:") == once.count("# got:") - 1


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_marks_and_modes_stay(tmp_path: Path, newline: str, mark: str) -> None:
    path = tmp_path / "a.dialogue.yaml"
    path.write_bytes((mark + SCRIPT.replace("\n", newline)).encode())
    path.chmod(0o640)
    update_scripts(run(path))
    after = path.read_bytes().decode()
    assert after.startswith(mark + "# a script")
    assert after.count("\r\n") == (after.count("\n") if newline == "\r\n" else 0)
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_last_line_without_an_end(tmp_path: Path) -> None:
    path = tmp_path / "a.dialogue.yaml"
    path.write_text("turns:\n  - user: hello\n    words: 100")
    update_scripts(run(path))
    assert path.read_text().startswith("turns:\n  - user: hello\n    words: 100\n    # got: ")
    assert update_scripts(run(path)) == []


def test_two_columns_alone_and_within_a_file(tmp_path: Path) -> None:
    plain, inside = tmp_path / "a.dialogue.txt", tmp_path / "b.dialogue.yaml"
    plain.write_text("# mine\n> hello\n  < nothing\n> why\n<\n")
    inside.write_text("transcript: |\n  > hello\n  < nothing\n")
    report = run(plain)
    update_scripts(report)
    update_scripts(run(inside))
    assert plain.read_text() == f"# mine\n> hello\n  < {said(report)[0]}\n> why\n<\n"
    assert inside.read_text() == f"transcript: |\n  > hello\n  < {said(report)[0]}\n"
    assert update_scripts(run(plain)) == []


def test_what_depends_on_a_variable_or_on_samples_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.dialogue.yaml"
    script = (
        "dialogues:\n"
        "  - name: one\n"
        "    turns:\n"
        "      - user: hello\n"
        "        capture: {all: '.*'}\n"
        "      - user: why\n"
        "        reply: not $all\n"
        "  - name: two\n"
        "    settings: {temperature: 1.0}\n"
        "    samples: 3\n"
        "    turns:\n"
        "      - user: hello\n"
        "        reply: nothing\n"
    )
    path.write_text(script)
    update_scripts(run(path))
    kept = [line for line in path.read_text().splitlines() if "# got:" not in line]
    assert "\n".join(kept) + "\n" == script
    assert "(held in 0 of 3 samples)" in path.read_text()


def test_a_dollar_sign_that_was_said_is_no_variable(tmp_path: Path) -> None:
    from dataclasses import replace

    path = tmp_path / "a.dialogue.yaml"
    path.write_text("turns:\n  - user: hello\n    reply: nothing\n")
    report = run(path)
    result = report.results[0]
    checked = replace(result.turns[0].checked[0], said="$5 and $$")
    turn = replace(result.turns[0], checked=(checked,))
    update_scripts(Report((replace(result, turns=(turn,)),)))
    assert read_script(path).dialogues[0].turns[0].expectations[0].argument == ("$$5 and $$$$",)


def test_a_file_that_is_gone_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a.dialogue.yaml"
    path.write_text(SCRIPT)
    report = run(path)
    path.unlink()
    with pytest.raises(ScriptError, match="cannot be updated"):
        update_scripts(report)


TEMPLATES = ("k: x\nl: y\n", "k: 'x'\n", 'k: "x"\n', "{k: x, l: [y]}\n", "a:\n  - {k: 'x'}\n", '[{k: "x"}]\n')


@given(st.text(max_size=20), st.sampled_from(TEMPLATES))
def test_any_text_is_spelled_so_that_it_is_read_back(text: str, template: str) -> None:
    (place,) = [one for one in places(template) if one.key == "k"]
    after = template[: place.start] + spelled(text, place) + template[place.end :]
    read = YAML(typ="safe", pure=True).load(after)
    while "k" not in read:
        read = read[0] if isinstance(read, list) else read["a"]
    assert read["k"] == text
