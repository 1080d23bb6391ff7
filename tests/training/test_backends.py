"""The network under other Keras backends: the same log-probabilities, and a training without TensorFlow."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toy_bundle import save_toy, toy_network

from chatbot.bundle.loading import load_bundle
from chatbot.inference.seq2seq import Seq2SeqStepper

BACKENDS = ("torch", "jax")
SOURCES, TARGETS = [[7, 8, 9], [6, 5], [9, 9, 9, 9, 10]], [[7, 30], [], [8, 9, 40, 41]]
SCORE = """
import json, sys
from pathlib import Path
import numpy as np
import keras
from chatbot.bundle.loading import load_bundle
from chatbot.data.padding import padded
from chatbot.network.seq2seq import Seq2Seq
sources, targets = json.load(sys.stdin)
arrays = [keras.ops.convert_to_tensor(padded(rows)) for rows in (sources, [[*row, 3] for row in targets])]
found = []
for bundle in (load_bundle(Path(path)) for path in sys.argv[1:]):
    network = Seq2Seq(bundle.config.network)
    for name, variable in network.by_name.items():
        variable.assign(bundle.weights[name])
    _, nll = network.losses(*arrays)
    found.append(np.asarray(keras.ops.convert_to_numpy(nll)).tolist())
assert "tensorflow" not in sys.modules
print(json.dumps([keras.config.backend(), found]))
"""


def environment(backend: str) -> dict[str, str]:
    return {**os.environ, "KERAS_BACKEND": backend, "CUDA_VISIBLE_DEVICES": ""}


@pytest.fixture(scope="module")
def bundles(tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """One of general attention, and one with input feeding, layer normalisation and two decoder layers."""
    fed = tmp_path_factory.mktemp("bundles") / "fed"
    save_toy(fed, network=toy_network(input_feeding=True, layer_norm=True, decoder_layers=2))
    return [tiny_bundle, fed]


@pytest.fixture(scope="module")
def scoring(bundles: list[Path]) -> Iterator[dict[str, subprocess.Popen[str]]]:
    """A process for each backend that is here, all at work at once."""
    words = [sys.executable, "-c", SCORE, *map(str, bundles)]
    streams: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    here = [backend for backend in BACKENDS if find_spec(backend) and find_spec("keras")]
    with contextlib.ExitStack() as stack:
        begun = {
            backend: stack.enter_context(subprocess.Popen(words, env=environment(backend), text=True, **streams))
            for backend in here
        }
        for process in begun.values():
            stack.callback(process.kill)
            assert process.stdin
            process.stdin.write(json.dumps([SOURCES, TARGETS]))
            process.stdin.close()
            process.stdin = None
        yield begun


@pytest.mark.train
@pytest.mark.parametrize("backend", BACKENDS)
def test_another_backend_finds_the_same_log_probabilities(
    backend: str, scoring: dict[str, subprocess.Popen[str]], bundles: list[Path]
) -> None:
    if backend not in scoring:
        pytest.skip(f"{backend} or keras is not installed")
    out, err = scoring[backend].communicate()
    assert scoring[backend].returncode == 0, err
    found, scored = json.loads(out)
    assert found == backend
    for bundle, rows in zip(map(load_bundle, bundles), scored, strict=True):
        expected = Seq2SeqStepper(bundle.weights, bundle.config.network).score(SOURCES, TARGETS)
        for row, log_probs in zip(rows, expected, strict=True):
            np.testing.assert_allclose(-np.array(row[: len(log_probs)]), log_probs, atol=1e-4)
            assert set(row[len(log_probs) :]) <= {0.0}


@pytest.mark.slow
@pytest.mark.train
def test_it_learns_under_pytorch_and_its_bundle_is_talked_with(tmp_path: Path, sample_dataset: Path) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("keras")
    run = tmp_path / "run"
    begin = [sys.executable, "-m", "chatbot", "train", str(sample_dataset), "-o", str(run), "--recipe", "tiny"]
    for words in ([*begin, "--epochs", "1"], [*begin, "--epochs", "2", "--resume"]):
        ended = subprocess.run(words, env=environment("torch"), capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stderr
    notes = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    first, second = (note["validation"]["bits_per_byte"] for note in notes if "validation" in note)
    assert second < first
    talk = [sys.executable, "-m", "chatbot", "reply", "Hello.", "--model", str(run)]
    assert subprocess.run(talk, capture_output=True, text=True, check=True).stdout.strip()


def test_a_backend_that_cannot_train_is_one_line(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "chatbot", "train", str(tmp_path), "-o", str(tmp_path / "run")]
    ended = subprocess.run(words, env=environment("jaxx"), capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "chatbot: KERAS_BACKEND: must be one of tensorflow, torch, but is 'jaxx'\n"


def test_workers_are_of_tensorflow_alone(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("keras")
    words = [sys.executable, "-m", "chatbot", "train", str(tmp_path), "-o", str(tmp_path / "run"), "--workers", "2"]
    ended = subprocess.run(words, env=environment("torch"), capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("chatbot: --workers: only TensorFlow trains in several processes")
