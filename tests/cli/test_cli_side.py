"""`chatbot translate` and `chatbot generate`: a text, lines, files and JSON, and what they refuse."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from side_models import TAGGED, save_generator, save_tagger, save_translator

from chatbot.cli.main import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHATBOT_HOME", str(tmp_path))
    monkeypatch.setattr("chatbot.bundle.locate.SHIPPED", tmp_path / "none")
    save_translator(tmp_path / "models" / "en-fr", "en", "fr")
    save_translator(tmp_path / "models" / "fr-en", "fr", "en")
    save_translator(tmp_path / "models" / "en-vi", "en", "vi")
    save_generator(tmp_path / "models" / "words", "word")
    save_generator(tmp_path / "models" / "letters", "character")
    return tmp_path


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    def call(*args: object, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(typed.encode())))
        code = main([*map(str, args)])
        out, err = capsys.readouterr()
        return code, out, err

    return call


def test_a_text_is_translated(run: Run) -> None:
    code, out, err = run("translate", "Good morning.", "--to", "fr")
    assert (code, err) == (0, "")
    assert len(out.splitlines()) == 1


def test_line_n_belongs_to_line_n_from_a_pipe_and_from_files(run: Run, tmp_path: Path) -> None:
    lines = ["Good morning.", "", "Hello!"] * 50
    alone = {text: run("translate", text, "--to", "fr")[1] for text in set(lines) if text}
    code, out, _ = run("translate", "--to", "fr", typed="\n".join(lines) + "\n")
    assert code == 0
    assert out.splitlines() == [alone.get(line, "\n").rstrip("\n") for line in lines]
    file = tmp_path / "lines.txt"
    file.write_text("\n".join(lines))
    assert run("translate", "--to", "fr", "--file", file)[1] == out
    both = run("translate", "--to", "fr", "--file", file, "-f", "-", typed="Hello!\n")[1]
    assert both == out + alone["Hello!"]


def test_the_only_language_there_is_needs_no_name(run: Run) -> None:
    assert run("translate", "Bonjour !", "--from", "FR") == run("translate", "Bonjour !", "--from", "fr", "--to", "en")
    assert "name a language to translate to" in run("translate", "Hello!", "--from", "en")[2]  # there are two


def test_json_of_a_text_and_of_lines(run: Run) -> None:
    found = json.loads(run("translate", "Hello!", "--to", "vi", "--from", "fr", "--json")[1])
    assert (found["source"], found["target"], found["model"]) == ("fr", "vi", "fr-en+en-vi")
    assert found["translation"]["via"]
    lines = run("translate", "--to", "fr", "--json", typed="Hello!\nAgain.\n")[1].splitlines()
    assert [json.loads(line)["text"] for line in lines] == ["Hello!", "Again."]


def test_the_n_best_stand_after_their_scores(run: Run) -> None:
    rows = run("translate", "Good morning.", "--to", "fr", "--n-best", 3)[1].splitlines()
    scores = [float(row.split()[0]) for row in rows]
    assert len(rows) > 1
    assert scores == sorted(scores, reverse=True)
    lines = run("translate", "--to", "FR", "--n-best", 3, typed="Good morning.\n\nGood morning.\n")[1].split("\n")
    assert lines == [*rows, "", "", *rows, "", ""]  # a blank line after what belongs to one


def test_what_was_drawn_can_be_drawn_again(run: Run) -> None:
    asked = ("translate", "Good morning.", "--to", "fr", "--temperature", 1, "--json")
    found = json.loads(run(*asked)[1])
    again = json.loads(run(*asked, "--seed", found["settings"]["seed"])[1])
    assert again["translation"] == found["translation"]


def test_every_line_of_json_is_json(run: Run) -> None:
    for command in (("translate", "--to", "fr"), ("generate", "--model", "words", "--max-length", 2)):
        lines = run(*command, "--json", typed="Hello!\n\nAgain.\n")[1].splitlines()
        assert [json.loads(line) is None for line in lines] == [False, True, False]


def test_a_prompt_that_cannot_be_read_ends_no_others(run: Run) -> None:
    asked = ("generate", "--model", "letters", "--max-length", 2, "--seed", 1)
    code, out, err = run(*asked, typed="My\n\u200b\nMy\n")
    first, second, third = out.splitlines()
    assert (code, second, first) == (0, "", third)
    assert "holds nothing that can be read" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("Hello!", "--to", "xx"), "no model knows the language 'xx'; there are: en, fr, vi"),
        (("Hello!",), "name a language to translate to, such as --to fr"),
        (("  ", "--to", "fr"), "TEXT is blank"),
        (("Hello!", "--model", "en-fr", "--to", "vi"), "--to vi: en-fr translates from en to fr"),
        (("Hello!", "--model", "words"), "words: is a model for generation, not for translation"),
        (("Hello!", "--to", "fr", "--file", __file__), "give TEXT or --file, not both"),
    ],
)
def test_what_cannot_be_translated_is_one_line(run: Run, args: tuple[str, ...], says: str) -> None:
    code, out, err = run("translate", *args)
    assert (code in (1, 2), out) == (True, "")
    assert says in err
    assert err.count("\n") == 1


def test_temperatures_are_shown_one_below_the_other(run: Run) -> None:
    options = ("--model", "words", "--seed", 4, "--max-length", 6)
    alone = [run("generate", "My sister", *options, "--temperature", one)[1].rstrip("\n") for one in (0.2, 1.0)]
    code, out, err = run("generate", "My sister", *options, "--temperature", 0.2, "--temperature", 1.0)
    assert (code, err) == (0, "")
    assert out == f"temperature 0.2\n\n{alone[0]}\n\ntemperature 1\n\n{alone[1]}\n"


def test_the_table_of_next_words(run: Run) -> None:
    prompt, blank, *rows = run("generate", "My sister", "--model", "words", "--top", 5)[1].splitlines()
    assert (prompt, blank, len(rows)) == ("My sister", "", 5)
    shares = [float(row.split("%")[0]) for row in rows]
    assert shares == sorted(shares, reverse=True)
    found = json.loads(run("generate", "My sister", "--model", "words", "--top", 2, "--temperature", 1, "--json")[1])
    assert [len(one["next"]) for one in found["temperatures"]] == [2]


def test_on_a_terminal_temperatures_stand_side_by_side(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    options = ("generate", "My", "--model", "words", "--seed", 4, "--max-length", 6)
    several = ("--temperature", 0.2, "--temperature", 1.0)
    alone = [run(*options, "--temperature", one)[1].split() for one in (0.2, 1.0)]
    monkeypatch.setattr("chatbot.cli.columns.terminal_columns", lambda: 160)
    lines = run(*options, *several)[1].splitlines()
    second = lines[0].index("temperature 1")
    assert lines[0][:second].strip() == "temperature 0.2"
    assert [line[:second].split() for line in lines[2:]] == [alone[0]]
    assert [line[second:].split() for line in lines[2:]] == [alone[1]]
    table = run(*options, *several, "--top", 3)[1].splitlines()
    assert (table[0], table[2].split(), len(table)) == ("My", ["temperature", "0.2", "temperature", "1"], 7)
    assert all(row.count("%") == 2 for row in table[4:])


def test_what_cannot_be_seen_has_a_name(run: Run) -> None:
    found = json.loads(run("generate", "--model", "letters", "--top", 1000, "--json", "")[1])
    tokens = [one["token"] for one in found["temperatures"][0]["next"]]
    rows = run("generate", "--model", "letters", "--top", 1000, "")[1].splitlines()
    assert rows[0] == "(the beginning)"
    assert {"", " "} <= set(tokens)
    named = {"": "(end)", " ": "(space)"}
    assert [row.split("%  ")[1] for row in rows[2:]] == [named.get(token, token) for token in tokens]


def test_lines_are_prompts_and_line_ends_stay_on_the_line(run: Run) -> None:
    code, out, _ = run("generate", "--model", "letters", "--seed", 1, "--max-length", 40, typed="tea\n\ndog\n")
    assert code == 0
    assert [line[:3] for line in out.splitlines()] == ["tea", "", "dog"]


def test_each_next_word_can_be_picked(run: Run) -> None:
    options = ("generate", "My", "--model", "words", "--pick")
    code, out, err = run(*options, typed="1\nsister\n\n.\n")
    assert code == 0
    assert "%" in err
    first = json.loads(run("generate", "My", "--model", "words", "--top", 1, "--temperature", 0.8, "--json")[1])
    token = first["temperatures"][0]["next"][0]["token"]
    assert out.startswith((f"My {token} sister", f"My{token} sister"))
    assert run(*options)[1] == "My\n"  # no input: nothing picked
    code, out, err = run(*options, "--top", 2, typed="²\n3\n.\n")
    assert (code, out) == (0, "My ²\n")
    assert "there is no 3 here; type 1 to 2, or words" in err


def test_what_is_drawn_while_picking_follows_from_the_seed(run: Run) -> None:
    options = ("generate", "My", "--model", "words", "--pick", "--temperature", 5, "--seed", 3)
    said = [run(*options, typed="\n" * 8)[1] for _ in range(2)]
    assert said[0] == said[1]
    assert len(set(said[0].split())) > 3  # one number drawn eight times would say nearly the same each time


def test_the_cache_has_settings(run: Run) -> None:
    found = json.loads(run("generate", "tea", "--model", "words", "--cache-weight", 0.3, "--json")[1])
    assert found["cache"] == {"size": 500, "weight": 0.3, "flatness": 0.3}
    code, _, err = run("generate", "tea", "--model", "words", "--cache-weight", 2)
    assert (code, err.count("\n")) == (2, 1)
    assert "weight must be a number from 0.0 to 0.99, but received 2.0" in err


def test_picking_is_for_one_prompt(run: Run) -> None:
    code, _, err = run("generate", "tea", "--model", "words", "--pick", "--json")
    assert (code, err.count("\n")) == (2, 1)


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    path = tmp_path / "pairs.tsv"
    path.write_text("".join(f"Good morning {n}.\tBonjour {n} fois.\n" for n in range(30)))
    return path


def test_a_translator_is_measured_on_pairs_and_on_a_dataset(run: Run, pairs: Path, tmp_path: Path) -> None:
    pytest.importorskip("sacrebleu")
    code, out, err = run("evaluate", "en-fr", pairs)
    assert (code, err) == (0, "")
    assert "nrefs:1|case:mixed" in out
    data = tmp_path / "data"
    options = ("--task", "translation", "--source", "en", "--target", "fr", "--vocabulary-size", 320, "--output", data)
    assert run("prepare", pairs, *options)[0] == 0
    found = json.loads(run("evaluate", "en-fr", data, "--split", "test", "--json")[1])
    assert (found["split"], found["rows"]["all"]["pairs"]) == ("test", 3)
    code, _, err = run("evaluate", "fr-en", data)
    assert (code, err) == (1, f"chatbot: {data}: was made for en-fr, but the model is for fr-en\n")
    code, _, err = run("evaluate", "words", data)
    assert (code, err.count("\n")) == (1, 1)


def test_a_language_model_is_measured_beside_a_5_gram_model(run: Run, tmp_path: Path) -> None:
    from tiny import SENTENCES

    from chatbot.bundle.loading import load_bundle

    table = tmp_path / "t.csv"
    table.write_text("said\n" + "".join(f'"{text}"\n' for text in SENTENCES))
    data = tmp_path / "data"
    assert run("prepare", table, "--task", "generation", "--unit", "word", "--field", "said", "--output", data)[0] == 0
    code, _, err = run("evaluate", "words", data)
    assert (code, err.count("\n")) == (1, 1)
    assert "another vocabulary than the model's" in err
    info = json.loads((data / "dataset.json").read_text())
    assert (info["task"], info["tokenizer"]["kind"], info["corpora"][0]["name"]) == ("generation", "word", "csv")
    assert load_bundle(tmp_path / "models" / "words").config.task == "generation"


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("--task", "translation", "--source", "en"), "--target must be the code of a language, such as en, but is ''"),
        (("--task", "translation", "--source", "en", "--target", "en"), "must differ, but both are 'en'"),
        (("--source", "en"), "--source is for translation; add --task translation"),
        (
            ("--task", "translation", "--source", "en", "--target", "fr", "--weight", 2),
            "are for dialogue; leave them out",
        ),
        (("--task", "generation", "--field", "x"), "is running text, which has no fields"),
        (("--tokenizer", "character"), "single characters are for generation"),
    ],
)
def test_what_cannot_be_prepared_is_one_line(
    run: Run, pairs: Path, tmp_path: Path, args: tuple[object, ...], says: str
) -> None:
    code, out, err = run("prepare", pairs, "--output", tmp_path / "data", *args)
    assert (code in (1, 2), out, err.count("\n")) == (True, "", 1)
    assert says in err
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("content", "task", "says"),
    [
        ("Hello.\t\nBye.\t\n\n", "translation", "has 0 different source sentences (dropped: 2 pairs: one side"),
        ("Hello.\tBonjour.\n", "translation", "has 1 different source sentence; expected at least 3"),
        ("Hello.\n", "translation", "input:1: 1 column, expected a source, a tab and a target"),
        ("H\xe9.\tH\xe9.\n", "translation", "input:1: not UTF-8"),
        ("x O\n", "tagging", "has 1 different document or sentence; expected at least 3"),
        ("x O\n\ny O\n\nz O\n", "tagging", "no word of the training sentences is tagged; expected tags such as B-PER"),
        ("x I-A\n\ny B-A\n\nz O\n", "tagging", "input:3: a sentence tagged as IOB2, but that of line 1"),
        ("x", "generation", "has 1 different text; expected at least 3"),
        ("", "generation", "has 0 different texts; expected at least 3"),
        (
            " ".join(map(str, range(300))),
            "generation --unit word",
            "no word is in the training texts 2 times or more",
        ),
    ],
)
def test_too_little_or_other_text_is_one_line_and_loses_nothing(
    run: Run, tmp_path: Path, content: str, task: str, says: str
) -> None:
    path, data = tmp_path / "input", tmp_path / "data"
    path.write_bytes(content.encode("latin-1"))
    data.mkdir()
    languages = ("--source", "en", "--target", "fr") if task == "translation" else ()
    code, out, err = run("prepare", path, "--task", *task.split(), *languages, "--output", data)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert says in err
    assert list(data.iterdir()) == []


@pytest.mark.parametrize("command", [("translate", "--to", "fr"), ("generate", "--model", "letters", "--seed", 1)])
def test_lines_in_another_encoding_are_refused_by_name(run: Run, tmp_path: Path, command: tuple[object, ...]) -> None:
    file = tmp_path / "lines"
    file.write_bytes("\ufeffHello\n".encode() + "Café\n".encode("latin-1"))
    code, out, err = run(*command, "--file", file)
    assert (code, err) == (2, f"chatbot: {file}:2: not UTF-8; convert it first, as with iconv\n")
    assert "\ufeff" not in out
    file.write_bytes("Hello\n".encode("utf-16-be"))
    assert run(*command, "--file", file)[2] == (
        f"chatbot: {file}:1: holds zero bytes, as UTF-16 does; convert it to UTF-8 first\n"
    )


def test_a_pipe_in_another_encoding_is_refused_by_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("translate", "Hello!", "--to", "fr")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"caf\xe9\n"), encoding="utf-8"))
    from chatbot.cli.texts import _lines
    from chatbot.errors import UsageError

    with pytest.raises(UsageError, match="standard input:1: not UTF-8"):
        list(_lines(()))


def test_names_are_marked_counted_and_given_with_their_places(run: Run, home: Path) -> None:
    save_tagger(home / "models" / "names")
    text = "Anna works at Orion in New Haven."
    code, out, err = run("tag", text)
    assert (code, err) == (0, "")
    found = json.loads(run("tag", text, "--json")[1])
    assert found["spans"]
    assert all(text[one["start"] : one["end"]] == one["text"] for one in found["spans"])
    assert all(f"[{one['label']} {one['text']}]" in out for one in found["spans"])
    rows = [line.split("\t") for line in run("tag", text, "--columns")[1].splitlines() if line]
    assert [word for word, _ in rows] == ["Anna", "works", "at", "Orion", "in", "New", "Haven", "."]
    assert sum(tag.startswith("B-") for _, tag in rows) == len(found["spans"])


def test_lines_are_tagged_one_by_one(run: Run, home: Path) -> None:
    save_tagger(home / "models" / "names")
    code, out, _ = run("tag", typed="Anna works.\n\nBen met\x1b[31m Carla.\n")
    assert code == 0
    assert len(out.splitlines()) == 3
    assert out.splitlines()[1] == ""
    assert "\x1b" not in out


def test_a_tagger_is_measured_on_columns(run: Run, home: Path, tmp_path: Path) -> None:
    save_tagger(home / "models" / "names")
    file = tmp_path / "held.conll"
    file.write_text(
        "".join("".join(f"{w} {t}\n" for w, t in zip(a.split(), b.split(), strict=True)) + "\n" for a, b in TAGGED)
    )
    code, out, err = run("evaluate", "names", file)
    assert (code, err) == (0, "")
    assert "precision" in out
    found = json.loads(run("evaluate", "names", file, "--json")[1])
    assert (found["sentences"], found["rows"]["all"]["wanted"]) == (3, 6)


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("tag", "Anna", "--json", "--columns"), "--json and --columns exclude each other"),
        (("tag", "Anna"), "there is no model for tagging"),
        (("tag", "Anna", "--model", "words"), "words: is a model for generation, not for tagging"),
    ],
)
def test_what_cannot_be_tagged_is_one_line(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: tuple[str, ...], says: str
) -> None:
    monkeypatch.setattr("chatbot.bundle.locate.SHIPPED", tmp_path / "none")
    code, out, err = run(*args)
    assert (code in (1, 2), out, err.count("\n")) == (True, "", 1)
    assert says in err
