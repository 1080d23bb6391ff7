"""`chatbot evaluate`: measures on stdout, one line for what is wrong, and no TensorFlow."""

from __future__ import annotations

import html
import json
import math
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from small_corpus import write_corpus, write_dataset
from tiny import NETWORK, SENTENCES, tiny_weights

from chatbot.bundle.config import BundleConfig
from chatbot.bundle.saving import save_bundle
from chatbot.cli.main import main
from chatbot.data.context import ContextSettings
from chatbot.data.dataset import Dataset
from chatbot.terminal import one_line
from chatbot.text.word_tokenizer import train_words


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("evaluate") / "dataset")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("evaluate") / "corpus")


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = main(["evaluate", *map(str, arguments)])
    return code, *capsys.readouterr()


def test_a_dataset_as_json(capsys, tiny_bundle, dataset):
    code, out, err = run(capsys, tiny_bundle, dataset, "--prompts", 6, "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    split = Dataset.open(dataset).split("validation")
    assert (found["model"], found["split"]) == ("tiny", "validation")
    assert found["likelihood"]["replies"] == len(split)
    assert found["likelihood"]["bytes"] == split.reply_bytes().sum()
    assert found["likelihood"]["words"] == split.reply_words().sum()
    low, high = found["likelihood"]["bits_per_byte_interval"]
    assert low <= found["likelihood"]["bits_per_byte"] <= high
    assert found["context_swap"]["replies"] == len(split)
    assert found["replies"]["human"]["replies"] == min(6, len(split))
    assert found["decoding"]["beam_size"] == 3  # the bundle's own


def test_the_same_twice(capsys, tiny_bundle, dataset):
    first, second = (json.loads(run(capsys, tiny_bundle, dataset, "--split", "test", "--json")[1]) for _ in range(2))
    assert first.pop("seconds").keys() == second.pop("seconds").keys()
    assert first == second


def test_a_table_of_a_raw_corpus(capsys, tiny_bundle, corpus):
    code, out, err = run(capsys, tiny_bundle, corpus, "--limit", 12, "--prompts", 5, "--beam-size", 2)
    assert (code, err) == (0, "")
    lines = {line.strip().split("  ")[0]: line for line in out.splitlines()}
    assert "12" in lines["replies scored"]
    assert "95 %" in lines["bits per byte"]
    assert {"word perplexity", "contexts swapped", "model", "human", "random reply"} <= lines.keys()
    assert "beam_size=2" in out
    assert "\x1b" not in out


@pytest.fixture
def word_model(tmp_path: Path) -> Path:
    """A bundle of random weights whose tokenizer is a list of lower-cased words, too short for the corpus."""
    tokenizer = train_words(SENTENCES, 60, lower_case=True)
    network = replace(NETWORK, vocabulary_size=tokenizer.size)
    config = BundleConfig("words", "dialogue", network, ContextSettings(), "word", tokenizer.file_name, "float32")
    save_bundle(tmp_path / "words", config, tiny_weights(network, tokenizer), tokenizer, "")
    return tmp_path / "words"


def test_unknown_words_and_folded_case_are_told(capsys, word_model, corpus):
    found = json.loads(run(capsys, word_model, corpus, "--no-replies", "--json")[1])
    assert found["likelihood"]["unknown_words"] > 0
    assert found["likelihood"]["spelling_nll"] > 0
    assert found["folds_case"] is True
    nll, tokens = found["likelihood"]["nll"], found["likelihood"]["tokens"]
    assert found["likelihood"]["token_perplexity"] == pytest.approx(math.exp(nll / tokens))
    out = run(capsys, word_model, corpus, "--no-replies")[1]
    assert "their spelling is paid for" in out
    assert re.search(rf"^closed vocabulary +\S+  of {tokens:,} tokens", out, re.MULTILINE)
    assert "folds case" in out


def test_no_replies(capsys, tiny_bundle, corpus):
    out = run(capsys, tiny_bundle, corpus, "--no-replies", "--limit", 3)[1]
    assert "distinct" not in out
    assert json.loads(run(capsys, tiny_bundle, corpus, "--no-replies", "--limit", 3, "--json")[1])["replies"] == {}


def test_scoring_does_not_depend_on_the_decoding_settings(capsys, tiny_bundle, dataset):
    figures = [
        json.loads(run(capsys, tiny_bundle, dataset, "--json", "--prompts", 4, *options)[1])
        for options in ([], ["--temperature", "1", "--seed", "5"])
    ]
    assert figures[0]["likelihood"] == figures[1]["likelihood"]
    assert figures[1]["decoding"]["temperature"] == 1.0


def test_a_raw_corpus_has_no_splits(capsys, tiny_bundle, corpus):
    code, out, err = run(capsys, tiny_bundle, corpus, "--split", "test")
    assert (code, out) == (2, "")
    assert "--split is for a prepared dataset" in err


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "no such file or folder"),
        ({}, "holds no dataset.json and no corpus"),
        ({"talk.txt": "Hello there.\nHi.\n"}, "no line of === in it"),
        ({"dataset.json": '{"format": "chatbot dataset", "version": 99}'}, "format version 99, expected 1"),
        ({"dataset.json": "{"}, "not JSON"),
        ({"dataset.json": '{"format": "something"}'}, "not a prepared dataset"),
        ({"movie_lines.txt": "a\n" * 9, "movie_conversations.txt": "b\n"}, "fields"),
    ],
)
def test_data_that_is_none_is_one_line(capsys, tiny_bundle, tmp_path, content, expected):
    folder = tmp_path / "data"
    if content is not None:
        folder.mkdir()
        for name, text in content.items():
            (folder / name).write_text(text)
    code, out, err = run(capsys, tiny_bundle, folder)
    assert (code, out) == (1, "")
    assert expected in err
    assert err.count("\n") == 1
    assert err.startswith("chatbot: ")


def test_a_raw_corpus_of_another_format(capsys, tiny_bundle, tmp_path):
    (tmp_path / "talk.txt").write_text("Hello there.\nHi.\n===\nHow are you?\nFine.\nGood.\n")
    code, out, err = run(capsys, tiny_bundle, tmp_path / "talk.txt", "--no-replies", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["likelihood"]["replies"] == 3
    (tmp_path / "talk.txt").rename(tmp_path / "talk.doc")
    code, out, err = run(capsys, tiny_bundle, tmp_path / "talk.doc")
    assert (code, out) == (1, "")
    assert "talk.doc: its name tells no format" in err


def test_a_dataset_of_another_task_is_one_line(capsys, tiny_bundle, dataset, tmp_path):
    shutil.copytree(dataset, tmp_path / "pairs")
    info = json.loads((dataset / "dataset.json").read_text())
    (tmp_path / "pairs" / "dataset.json").write_text(json.dumps({**info, "task": "translation"}))
    code, out, err = run(capsys, tiny_bundle, tmp_path / "pairs")
    assert (code, out) == (1, "")
    assert err == f"chatbot: {tmp_path / 'pairs'}: was made for translation, but the model is for dialogue\n"


@pytest.mark.parametrize(
    ("name", "wrong"), [("page.pdf", "tells no format"), ("no/page.md", "no folder"), (".", "no format")]
)
def test_a_page_that_cannot_be_written_is_told_first(capsys, monkeypatch, tiny_bundle, dataset, tmp_path, name, wrong):
    monkeypatch.setattr("chatbot.cli.evaluation.measure", None)
    code, out, err = run(capsys, tiny_bundle, dataset, "--report", tmp_path / name)
    assert (code, out) == (2, "")
    assert wrong in err


def test_a_model_that_is_none_is_one_line(capsys, dataset, tmp_path):
    code, out, err = run(capsys, tmp_path, dataset)
    assert (code, out) == (1, "")
    assert "holds no bundle" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("options", [["--limit", "0"], ["--prompts", "none"], ["--split", "all"], ["--top-p", "2"]])
def test_wrong_options_are_wrong_usage(capsys, tiny_bundle, dataset, options):
    code, out, err = run(capsys, tiny_bundle, dataset, *options)
    assert (code, out) == (2, "")
    assert options[0] in err


@pytest.mark.parametrize("ending", ["html", "md"])
def test_a_page_holds_the_table_replies_and_the_curve(capsys, tiny_bundle, dataset, tmp_path, ending):
    shutil.copytree(tiny_bundle, tmp_path / "run" / "bundle")
    notes = [
        {"seconds": 60.0 * n, "training_loss": 4.0 - n, "validation": {"token_perplexity": 30.0 - n}} for n in (1, 2)
    ]
    (tmp_path / "run" / "metrics.jsonl").write_text("".join(json.dumps(note) + "\n" for note in notes))
    page = tmp_path / f"page.{ending}"
    code, out, err = run(capsys, tmp_path / "run", dataset, "--prompts", 3, "--report", page)
    assert (code, err) == (0, "")
    written = page.read_text()
    text = html.unescape(written) if ending == "html" else written.replace("\\", "")
    assert out.strip() in text
    (sample, *others) = json.loads(run(capsys, tmp_path / "run", dataset, "--prompts", 3, "--json")[1])["samples"]
    assert len(others) == 2
    assert all(one_line(sample[part]) in text for part in ("prompt", "reply", "human"))
    assert ("polyline" in written) == (ending == "html")
    assert ("| 2.0 | 2.000 | 3.332 |" in written) == (ending == "md")
    assert "http" not in written.replace("http-equiv", "")


def test_a_page_of_no_known_kind_is_wrong_usage(capsys, tiny_bundle, dataset, tmp_path):
    code, out, err = run(capsys, tiny_bundle, dataset, "--prompts", 1, "--report", tmp_path / "page.pdf")
    assert (code, out) == (2, "")
    assert "expected a name that ends in .html or .md" in err


PROBE = """
import sys
from chatbot.cli.main import main
code = main(sys.argv[1:])
loaded = {"tensorflow", "keras", "sqlalchemy", "prompt_toolkit", "matplotlib"} & set(sys.modules)
sys.exit(code or sorted(loaded) or 0)
"""


def test_needs_no_tensorflow(tiny_bundle, dataset, tmp_path):
    arguments = ["evaluate", tiny_bundle, dataset, "--limit", "4", "--prompts", "2"]
    environment = {**os.environ, "CHATBOT_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *arguments], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "bits per byte" in done.stdout
