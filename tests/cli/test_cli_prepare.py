"""`chatbot prepare`: what it prints, what it refuses, and that an interrupted or failed run leaves nothing."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from cornell_files import line_rows, write_files

from chatbot.cli.main import main
from chatbot.cli.prepare import command
from chatbot.corpus.formats import READERS
from chatbot.data.dataset import Dataset
from chatbot.data.splits import SPLITS

SAMPLE = Path(__file__).resolve().parents[2] / "corpora" / "sample"
SMALL = ("--vocabulary-size", "350")
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write_files(tmp_path / "corpus")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*args: object) -> tuple[int, str, str]:
        code = main(["prepare", *map(str, args)])
        out, err = capsys.readouterr()
        return code, out, err

    return call


def test_the_audit_is_a_table(run: Run, corpus: Path, tmp_path: Path) -> None:
    lines = line_rows()
    lines[0][4] = "<u>\x1b[31mred</u>"
    write_files(corpus, lines)
    code, out, err = run(corpus, "--output", tmp_path / "data", *SMALL)
    assert (code, err) == (0, "")
    cells = {row[0]: row[1:] for row in (re.split(r"\s{2,}", line.strip()) for line in out.splitlines())}
    assert cells["movie_lines.txt"] == ["240"]
    assert cells["lines: markup"] == ["1"]
    assert cells["movies or other sources"] == ["10", "1", "1"]
    assert cells["exchanges"] == ["160", "16", "16"]
    assert cells["split"] == [f"sha256 {Dataset.open(tmp_path / 'data').info['split_hash']}"]
    assert "\x1b" not in out
    assert max(map(len, out.splitlines()[:-3])) <= 80


@pytest.mark.parametrize(
    ("task", "line", "rows"),
    [
        ("generation", "Number {} sat on the mat.\n", ["texts or sections", "tokens", "texts"]),
        ("tagging", "Anna B-PER\nsat O\n", ["documents or sentences", "tokens", "sentences"]),
        ("translation", "Number {}\tLe numéro {}", ["source sentences", "sentences", "tokens", "pairs"]),
    ],
)
def test_each_task_has_names_of_its_own_for_what_it_counts(
    run: Run, tmp_path: Path, task: str, line: str, rows: list[str]
) -> None:
    (tmp_path / "corpus.txt").write_text("".join(line.format(i, i) + "\n" for i in range(40)), encoding="utf-8")
    chosen = ("--tokenizer", "word", "--source", "en", "--target", "fr") if task == "translation" else ()
    code, out, err = run(tmp_path / "corpus.txt", "--output", tmp_path / "data", "--task", task, *chosen)
    assert (code, err) == (0, "")
    said = [re.split(r"\s{2,}", text.strip())[0] for text in out.partition("train ")[2].splitlines()]
    assert said[2 : 2 + len(rows)] == rows


def test_json_is_the_audit_and_nothing_else(run: Run, corpus: Path, tmp_path: Path) -> None:
    code, out, err = run(corpus, "--output", tmp_path / "data", *SMALL, "--json")
    assert (code, err) == (0, "")
    printed = json.loads(out)
    assert printed.pop("path") == str(tmp_path / "data")
    assert printed == Dataset.open(tmp_path / "data").info
    assert printed["audit"]["read"]["movie_lines.txt"] == 240


def test_options_reach_the_dataset(run: Run, corpus: Path, tmp_path: Path) -> None:
    words = ("--tokenizer", "word", "--minimum-count", 3, "--lower-case")
    options = (*words, "--context-turns", 2, "--max-words", 9, "--seed", 7, "--licence", "CC BY 4.0")
    assert run(corpus, "--output", tmp_path / "data", *options)[0] == 0
    assert Dataset.open(tmp_path / "data").info["settings"] == {
        "task": "dialogue",
        "source": "",
        "target": "",
        "field": "",
        "template": "",
        "tokenizer": "word",
        "vocabulary_size": 8000,
        "minimum_count": 3,
        "lower_case": True,
        "split_contractions": False,
        "context_turns": 2,
        "max_words": 9,
        "cut_words": 0,
        "cut_turns": 0,
        "reverse": False,
        "held_out": 0.1,
        "split_by": "movie",
        "seed": 7,
    }
    assert Dataset.open(tmp_path / "data").info["corpora"] == [
        {"name": "cornell", "weight": 1.0, "licence": "CC BY 4.0"}
    ]


def test_an_existing_dataset_stays_until_told(run: Run, corpus: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert run(corpus, "--output", data, *SMALL)[0] == 0
    before = {file.name: file.read_bytes() for file in data.iterdir()}
    code, out, err = run(corpus, "--output", data, *SMALL, "--seed", 5)
    assert (code, out) == (1, "")
    assert err.endswith("add --overwrite to replace it, or choose another --output\n")
    assert {file.name: file.read_bytes() for file in data.iterdir()} == before
    assert run(corpus, "--output", data, *SMALL, "--seed", 5, "--overwrite")[0] == 0
    assert Dataset.open(data).info["settings"]["seed"] == 5


def test_a_failing_overwrite_keeps_what_was_there(run: Run, corpus: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert run(corpus, "--output", data, *SMALL)[0] == 0
    before = {file.name: file.read_bytes() for file in data.iterdir()}
    (corpus / "movie_lines.txt").write_bytes(b"no\n" * 9)
    assert run(corpus, "--output", data, *SMALL, "--overwrite")[0] == 1
    assert {file.name: file.read_bytes() for file in data.iterdir()} == before
    assert sorted(child.name for child in tmp_path.iterdir() if child.name != "home") == ["corpus", "data"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["nowhere", "--output", "data"], 1, "nowhere: No such file or directory"),
        (["empty", "--output", "data"], 1, "no movie_lines.txt in it"),
        (["corpus"], 2, "missing option '--output'"),
        (["corpus", "--output", "corpus"], 1, "holds 'movie_conversations.txt', which no dataset has"),
        (["corpus", "--output", "corpus/movie_lines.txt"], 1, "is a file"),
        (["corpus", "--output", "corpus/movie_lines.txt/data"], 1, "movie_lines.txt: is a file"),
        (["corpus", "--output", "/proc/data"], 1, "cannot write the dataset there"),
        (["corpus", "--output", "x" * 300], 1, "File name too long"),
        (["corpus", "--output", "data", "--vocabulary-size", "5"], 2, "must be an integer from 300 to 200000"),
        (["corpus", "--output", "data", "--tokenizer", "sentencpiece"], 2, "must be one of sentencepiece, word"),
        (["corpus", "--output", "data", "--format", "html"], 2, "'cornell'"),
        (["corpus", "--output", "data", "--fields", "prompt=a,reply=b"], 2, "the format cornell has no fields to name"),
        (["corpus", "--output", "data", "--fields", "promt=a"], 2, "'promt' is no role of a field"),
        (["corpus", "--output", "data", "--vectors", "corpus/movie_lines.txt"], 2, "--vectors is for --task tagging"),
        (["corpus", "corpus", "--output", "data", *["--weight", "1"] * 3], 2, "given 3 times for 2 corpora"),
        (["corpus", "--output", "data", "--weight", "nan"], 2, "'nan' is not a finite number"),
        (["corpus", "--output", "data", "--vocabulary-size", "300"], 1, "give a larger --vocabulary-size"),
        (["corpus", "--output", "data", "--max-words", "1"], 1, "no exchange for the split train"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    run: Run, corpus: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, said: str
) -> None:
    monkeypatch.chdir(corpus.parent)
    (corpus.parent / "empty").mkdir()
    ended, out, err = run(*arguments)
    assert (ended, out) == (code, "")
    assert err.startswith("chatbot: ")
    assert said in err
    assert err.count("\n") == 1
    assert not (corpus.parent / "data").exists()
    assert not list(corpus.parent.glob(".*.tmp"))


def test_a_disk_without_room_is_one_line(corpus: Path, tmp_path: Path) -> None:
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))"
    start = f"{limit}\nimport sys\nfrom chatbot.cli.main import main\nsys.exit(main(sys.argv[1:]))"
    words = [sys.executable, "-c", start, "prepare", str(corpus), "--output", "data", *SMALL]
    ended = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "File too large" in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert sorted(child.name for child in tmp_path.iterdir()) == ["corpus"]


def test_a_closed_pipe_is_no_traceback(corpus: Path, tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    words = [sys.executable, "-m", "chatbot", "prepare", str(corpus), "--output", "data", *SMALL]
    ended = subprocess.run(words, cwd=tmp_path, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (141, "")
    assert len(Dataset.open(tmp_path / "data").split("train")) == 160


def test_the_sample_corpus_can_be_prepared(run: Run, tmp_path: Path) -> None:
    code, _, err = run(SAMPLE, "--output", tmp_path / "data")
    assert (code, err) == (0, "")
    dataset = Dataset.open(tmp_path / "data")
    assert sum(len(dataset.split(name)) for name in ("train", "validation", "test")) > 400
    dropped = dataset.info["audit"]["dropped"]
    assert not any(count for name, count in dropped.items() if not name.startswith("exchanges"))


def test_every_reader_can_be_chosen() -> None:
    option = next(one for one in command.params if one.name == "formats")
    assert isinstance(option.type, click.Choice)
    assert list(option.type.choices) == list(READERS)


@pytest.mark.slow
def test_the_real_corpus_needs_little_memory(shared_corpora: Path, tmp_path: Path) -> None:
    if not Path("/proc/self/status").is_file():
        pytest.skip("the peak of a process' memory is read from /proc")
    start = (  # VmHWM begins with the program; ru_maxrss would begin with the memory of the tests that started it
        "import sys\nfrom chatbot.cli.main import main\ncode = main(sys.argv[1:])\n"
        "peak = [line for line in open('/proc/self/status') if line.startswith('VmHWM')]\n"
        "print(int(peak[0].split()[1]) // 1024)\nsys.exit(code)"
    )
    words = [
        sys.executable,
        "-c",
        start,
        "prepare",
        str(shared_corpora / "cornell"),
        "--output",
        str(tmp_path / "data"),
    ]
    ended = subprocess.run(words, capture_output=True, text=True, check=True)
    assert int(ended.stdout.split()[-1]) < 500  # MiB
    dataset = Dataset.open(tmp_path / "data")
    assert [len(dataset.split(name)) for name in SPLITS] == [144_749, 17_461, 18_512]
    assert dataset.info["split_hash"].startswith("d16a7e32a8fc5bac")
