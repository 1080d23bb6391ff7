"""Scripts as people write them: what is read, and the one line with file and line that each mistake gets."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chatbot.errors import ScriptError
from chatbot.scripts.quantities import Interval
from chatbot.scripts.reading import read_script, script_files
from chatbot.scripts.script import Expectation
from chatbot.settings import DecodingSettings

WHOLE = r"""
model: cornell
settings: {beam_size: 3}
tags: [all]
samples: 4
pass_rate: 0.5
dialogues:
  - name: first
    seed: 7
    settings: {temperature: 0.5}
    tags: one
    turns:
      - user: hello, I owe you $$5
        words: 1 to 3
        not_contains: [this, that]
        capture:
          name: 'I am (\w+)'
        expect:
          - matches: a
          - matches: b
      - user: hello $name
        not_no_unknown: true
        matches: ^$name$
  - turns:
      - user: 12 is fine here
        reply: [yes, no]
"""


def write(folder: Path, text: str, name: str = "a.dialogue.yaml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_with_many_dialogues(tmp_path: Path) -> None:
    first, second = read_script(write(tmp_path, WHOLE)).dialogues
    assert (first.name, first.line, first.seed, first.tags) == ("first", 8, 7, ("all", "one"))
    assert (first.model, first.samples, first.pass_rate) == ("cornell", 4, 0.5)
    assert first.settings == {"beam_size": 3, "temperature": 0.5}
    own = DecodingSettings(top_k=9, seed=99)
    assert first.decoding(own) == DecodingSettings(top_k=9, beam_size=3, temperature=0.5, seed=7)
    turn = first.turns[0]
    assert [one.line for one in turn.expectations] == [14, 15, 19, 20]
    assert turn.expectations[0] == Expectation("words", False, Interval(1, 3), 14)
    assert turn.expectations[1] == Expectation("contains", True, ("this", "that"), 15)
    assert turn.expectations[1].spelled == "not_contains"
    assert [one.name for one in first.turns[1].expectations] == ["no_unknown", "matches"]
    assert first.turns[1].expectations[0].negated
    assert second.name == "dialogue 2"
    assert second.turns[0].expectations[0].argument == ("yes", "no")


def test_a_file_with_one_dialogue_is_named_after_it(tmp_path: Path) -> None:
    (only,) = read_script(write(tmp_path, "turns: [{user: hello}]", "greeting.dialogue.yaml")).dialogues
    assert (only.name, only.seed, only.samples, only.pass_rate) == ("greeting", 0, 1, 1.0)
    assert only.where == f"{tmp_path}/greeting.dialogue.yaml:1"


def test_two_columns(tmp_path: Path) -> None:
    text = "# a remark\n> hello\n< Hi there.\n> I owe you $5\n<\n\n\n> bye\n"
    first, second = read_script(write(tmp_path, text, "talk.dialogue.txt")).dialogues
    assert [turn.user for turn in first.turns] == ["hello", "I owe you $$5"]
    assert first.turns[0].expectations == (Expectation("reply", False, ("Hi there.",), 3),)
    assert first.turns[1].expectations == ()
    assert (first.name, second.name, second.line) == ("talk 1", "talk 2", 8)


def test_two_columns_within_yaml(tmp_path: Path) -> None:
    (only,) = read_script(write(tmp_path, "name: x\ntranscript: |\n  > hello\n  < Hi.\n")).dialogues
    assert only.turns[0].line == 3
    assert only.turns[0].expectations[0].line == 4


def test_dialogues_and_turns_of_other_files(tmp_path: Path) -> None:
    write(tmp_path, "name: opening\nturns: [{user: hello}, {user: how are you}]", "parts/opening.yaml")
    write(tmp_path, "include: parts/opening.yaml\ndialogues: [{name: b, turns: [{user: x}]}]", "b.dialogue.yaml")
    text = "include: [b.dialogue.yaml]\ndialogues: [{name: a, turns: [{include: parts/opening.yaml}, {user: bye}]}]"
    suite = read_script(write(tmp_path, text))
    assert [one.name for one in suite.dialogues] == ["opening", "b", "a"]
    last = suite.dialogues[2].turns
    assert [turn.user for turn in last] == ["hello", "how are you", "bye"]
    assert [turn.path.name for turn in last] == ["opening.yaml", "opening.yaml", "a.dialogue.yaml"]
    assert suite.dialogues[0].path.name == "opening.yaml"


def turns(text: str) -> str:
    return f"turns:\n  - user: hello\n    {text}\n"


MISTAKES = {
    "name: x\nturns: 5": "2: expected a list of turns such as '- user: hello', but found 5",
    "name: [x]\nturns: [{user: a}]": "1: expected a text, but found a list of 1",
    "turns: []": "1: expected a list of turns such as '- user: hello', but found a list of 0",
    "turns: [{words: 3}]": "1: expected a turn with 'user', but found a mapping with 'words'",
    "turns: [{user: }]": '1: expected a text (write "" for an empty one), but found nothing',
    "turns: [{user: 12}]": '1: expected a text, but found 12; put it in quotes: "12"',
    "turns: [{user: true}]": '1: expected a text, but found true; put it in quotes: "true"',
    "name: x": "1: expected either 'turns' or 'transcript', but found a mapping with 'name'",
    "- user: x": "1: expected a dialogue: write 'turns:' and under it '- user: hello', but found a list of 1",
    "": "1: expected a dialogue: write 'turns:' and under it '- user: hello', but found nothing",
    "hello": "1: expected a dialogue: write 'turns:' and under it '- user: hello', but found 'hello'",
    "turn: [{user: x}]": "1: unknown key 'turn'; did you mean 'turns'?",
    "turns: [{user: a}]\nseed: -1": "2: expected a whole number at least 0 and at most 9.22337e+18, but found -1",
    "turns: [{user: a}]\nsamples: many": "2: expected a whole number at least 1 and at most 1000, but found 'many'",
    "turns: [{user: a}]\npass_rate: 2": "2: expected a number at least 0 and at most 1, but found 2",
    "turns: [{user: a}]\npass_rate: .nan": "2: expected a number at least 0 and at most 1, but found '.nan'",
    "turns: [{user: a}]\nsettings: {beam: 3}": "2: settings: unknown setting 'beam'; did you mean 'beam_size'?",
    "turns: [{user: a}]\nsettings: {beam_size: 0}": "2: settings: beam_size must be an integer from 1 to 100",
    "turns: [{user: a}]\nsettings:\n  top_p: [1]": "3: settings: top_p must be a number from 0.0 to 1.0",
    "turns: [{user: a}]\nsettings: {seed: 3}": "2: the seed is none of the settings; write 'seed:' beside 'settings:'",
    "turns: [{user: a}]\nsettings: 3": "2: expected settings such as {beam_size: 5}, but found 3",
    turns("contain: x"): "3: unknown key 'contain'; did you mean 'contains'?",
    turns("not_contain: x"): "3: unknown key 'not_contain'; did you mean 'not_contains'?",
    turns("zzz: x"): "3: unknown key 'zzz'; chatbot test --schema lists all of them",
    turns("words: 3 to 1"): "3: expected bounds such as 3, at least 3, at most 5, 1 to 9, or {min: 1, max: 9}",
    turns("words: many"): "3: expected bounds such as 3, at least 3",
    turns("words: at least ..."): "3: expected bounds such as 3, at least 3",
    turns("words: {least: 3}"): "3: unknown key 'least'; there are: min, max",
    turns("no_unknown: false"): "3: expected true (put not_ before the name for the opposite), but found false",
    turns("any_of: x"): "3: expected a list, but found 'x'",
    turns("contains: ''"): "3: expected a text, but found ''",
    turns("matches: '(a'"): "3: not a pattern of RE2's syntax: missing ): (a",
    turns("matches: '(a)\\1'"): "3: not a pattern of RE2's syntax: invalid escape sequence: \\1",
    turns("matches: " + "a" * 2000): "3: a pattern has at most 1000 characters, but this one has 2000",
    turns("matches: '((a{100}){100}){100}'"): "3: not a pattern of RE2's syntax: ",
    turns("contains: hello $name"): "3: $name was not captured before; write $$ for a dollar sign",
    turns("capture: {2nd: a}"): "3: a variable's name is letters, digits and _, but found '2nd'",
    turns("capture: 3"): "3: expected variables and their patterns such as {name: 'I am (\\w+)'}, but found 3",
    turns("expect: {words: 3}"): "3: expected a list of expectations such as '- words: 1 to 9', but found a mapping",
    turns("expect: [{words: 3, contains: x}]"): "3: expected one expectation such as 'words: 1 to 9'",
    turns("differs_from: [0]"): "3: expected N or all or user, but found 0",
    turns("similar_to: {min: 3}"): "3: expected the key 'to', but found a mapping with 'min'",
    turns("similar_to: {to: x, min: 9, max: 3}"): "3: expected a min that is not above max",
    turns("rank: {of: x}"): "3: expected min, max or both, but found a mapping with 'of'",
    turns("command: /why"): "3: expected a mapping with run, but found '/why'",
    turns("command: {run: /why}"): "3: expected one more key, such as 'is', but found a mapping with 'run'",
    turns("stored: {}"): "3: expected one more key, such as 'said', but found an empty mapping",
    "transcript: |\n  hello\n": "2: expected '> what is said' or '< what is answered', but found 'hello'",
    "transcript: |\n  < Hi\n": "2: expected '> what is said' or '< what is answered', but found a reply without",
    "transcript: |\n  > a\n\n  > b\n": "1: expected one dialogue, but found 2; leave out empty lines",
    "dialogues: [{name: a, turns: [{user: x}]}, {name: a, turns: [{user: x}]}]": "1: the name 'a' is taken, by the",
    "dialogues: {}": "1: expected a list of dialogues, but found an empty mapping",
    "dialogues: [3]": "1: expected a dialogue with 'turns', but found 3",
    "name: a\ndialogues: [{turns: [{user: x}]}]": "1: unknown key 'name'; there are: model, seed, tags,",
    "include: nowhere.yaml": "1: cannot include 'nowhere.yaml': no such file",
    "include: /etc/passwd": "1: cannot include '/etc/passwd': only files in ",
    "include: ../a.yaml": "1: cannot include '../a.yaml': only files in ",
    "include: a.dialogue.yaml": "1: cannot include 'a.dialogue.yaml': it includes this file",
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_gets_one_line_with_its_place(tmp_path: Path, text: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ScriptError) as caught:
        read_script(path)
    assert str(caught.value).startswith(f"{path}:{MISTAKES[text]}")
    assert "\n" not in str(caught.value)


def test_a_circle_of_files_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "include: a.dialogue.yaml", "b.dialogue.yaml")
    with pytest.raises(ScriptError, match=r"b.dialogue.yaml:1: cannot include 'a.dialogue.yaml': it includes this"):
        read_script(write(tmp_path, "include: b.dialogue.yaml"))


def test_files_that_include_ever_more_files_are_refused(tmp_path: Path) -> None:
    for number in range(20):
        write(tmp_path, f"include: [{number + 1}.yaml, {number + 1}.yaml]", f"{number}.yaml")
    write(tmp_path, "turns: [{user: x}]", "20.yaml")
    with pytest.raises(ScriptError, match="100 files were included before it"):
        read_script(tmp_path / "0.yaml")


def test_a_link_leads_nowhere_outside(tmp_path: Path) -> None:
    write(tmp_path, "turns: [{user: secret}]", "outside/b.yaml")
    (tmp_path / "inside").mkdir()
    os.symlink(tmp_path / "outside" / "b.yaml", tmp_path / "inside" / "b.yaml")
    with pytest.raises(ScriptError, match=r"cannot include 'b.yaml': only files in"):
        read_script(write(tmp_path, "include: b.yaml", "inside/a.dialogue.yaml"))


def test_turns_come_from_a_file_with_one_dialogue(tmp_path: Path) -> None:
    write(tmp_path, "dialogues: [{name: a, turns: [{user: x}]}, {name: b, turns: [{user: x}]}]", "b.yaml")
    with pytest.raises(ScriptError, match="1: to include its turns a file must hold one dialogue, not 2"):
        read_script(write(tmp_path, "turns: [{include: b.yaml}]"))


def test_an_error_in_an_included_file_names_that_file(tmp_path: Path) -> None:
    write(tmp_path, "turns:\n  - usr: x", "b.yaml")
    with pytest.raises(ScriptError, match=r"b.yaml:2: expected a turn with 'user'"):
        read_script(write(tmp_path, "turns: [{include: b.yaml}]"))


def test_files_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "a.dialogue.yaml"
    path.write_bytes(b"turns:\n  - user: \xff\n")
    with pytest.raises(ScriptError, match=r"a.dialogue.yaml:2: must be UTF-8 text, but byte 17 is not"):
        read_script(path)
    with pytest.raises(ScriptError, match="1: cannot be read: No such file"):
        read_script(tmp_path / "none.yaml")
    os.mkfifo(tmp_path / "pipe.yaml")
    for path in (tmp_path, tmp_path / "pipe.yaml"):
        with pytest.raises(ScriptError, match="1: cannot be read: it is no file"):
            read_script(path)


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.dialogue.yaml"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    with pytest.raises(ScriptError, match=r":1: is larger than 2,000,000 bytes, the most that is read; split it"):
        read_script(path)


def test_scripts_are_found_in_folders(tmp_path: Path) -> None:
    wanted = [write(tmp_path, "", name) for name in ("a/x.dialogue.txt", "a/y.dialogue.yml", "z.dialogue.yaml")]
    write(tmp_path, "", "a/other.yaml")
    named = write(tmp_path, "", "named.yaml")
    assert list(script_files([tmp_path, named, wanted[0]])) == [*wanted, named]
    with pytest.raises(ScriptError, match="no such file or folder"):
        list(script_files([tmp_path / "none"]))
    (tmp_path / "empty").mkdir()
    with pytest.raises(ScriptError, match=r"holds no script; its name ends in .dialogue.yaml or"):
        list(script_files([tmp_path / "empty"]))
