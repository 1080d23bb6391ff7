"""Two processes that train together: the curve of one; a killed one ends in one line and a run to go on with."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from chatbot.cli.training_workers import cluster_of
from chatbot.errors import UsageError

RECIPE = """
[network]
embedding_size = 16
encoder_units = 8
decoder_units = 16
[training]
learning_rate = 0.01
warmup_steps = 5
dropout = 0.0
average = 0.9
precision = "float32"
batch_tokens = 3000
checkpoint_seconds = 1
"""
PATIENCE = 300.0  # seconds


def command(tmp_path: Path, dataset: Path, run: str, *options: str, extra: str = "") -> list[str]:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(RECIPE + extra)
    begin = [sys.executable, "-m", "chatbot", "train", str(dataset), "-o", str(tmp_path / run)]
    return [*begin, "--recipe", str(recipe), *options]


def notes(run: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]


@pytest.mark.slow
@pytest.mark.train
@pytest.mark.parametrize("extra", ["", "sampled_softmax = 40\n"])
def test_two_workers_learn_what_one_does(tmp_path: Path, sample_dataset: Path, extra: str) -> None:
    pytest.importorskip("tensorflow")
    for count in ("1", "2"):
        words = command(tmp_path, sample_dataset, count, "--epochs", "2", "--workers", count, extra=extra)
        ended = subprocess.run(words, capture_output=True, text=True, check=False, timeout=PATIENCE)
        assert ended.returncode == 0, ended.stderr
    one, two = notes(tmp_path / "1"), notes(tmp_path / "2")
    assert [note["step"] for note in one] == [note["step"] for note in two]
    assert [note["training_loss"] for note in two] == pytest.approx([note["training_loss"] for note in one], rel=1e-4)
    assert two[-1]["validation"]["bits_per_byte"] == pytest.approx(one[-1]["validation"]["bits_per_byte"], rel=1e-4)
    assert one[-1]["validation"]["bits_per_byte"] < one[0]["validation"]["bits_per_byte"]


@pytest.mark.slow
@pytest.mark.train
def test_a_killed_worker_ends_in_one_line_and_the_run_goes_on(tmp_path: Path, sample_dataset: Path) -> None:
    pytest.importorskip("tensorflow")
    if not Path("/proc").is_dir():
        pytest.skip("the other worker is looked for in /proc")
    words = command(tmp_path, sample_dataset, "run", "--epochs", "1000", "--workers", "2")
    leader = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + PATIENCE
        while not list(tmp_path.glob("run/checkpoints/step-*")):
            assert leader.poll() is None, leader.communicate()[1]
            assert time.monotonic() < deadline
            time.sleep(0.1)
        (other,) = children(leader.pid)
        os.kill(other, signal.SIGKILL)
        _, said = leader.communicate(timeout=PATIENCE)
    finally:
        leader.kill()
    assert leader.returncode == 1
    assert re.search(
        r"chatbot: worker 1 of 1 besides this one ended \(code -9\); nothing saved is lost\..*--resume\n", said
    )
    record = tmp_path / "run" / "metrics.jsonl"
    before = max((note["epoch"] for note in notes(tmp_path / "run")), default=0) if record.exists() else 0
    words = command(tmp_path, sample_dataset, "run", "--epochs", str(before + 1), "--resume")
    assert subprocess.run(words, capture_output=True, check=False, timeout=PATIENCE).returncode == 0
    assert (tmp_path / "run" / "bundle" / "config.json").is_file()


def children(parent: int) -> list[int]:
    """Processes that `parent` started and that train."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(stat[1]) == parent and b"--workers" in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def test_the_cluster_is_what_tf_config_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TF_CONFIG", raising=False)
    assert (cluster_of(None), cluster_of(3)) == ((1, 0), (3, 0))
    config: dict[str, Any] = {"cluster": {"worker": ["a:1", "b:1"]}, "task": {"type": "worker", "index": 1}}
    monkeypatch.setenv("TF_CONFIG", json.dumps(config))
    assert (cluster_of(None), cluster_of(2)) == ((2, 1), (2, 1))
    with pytest.raises(UsageError, match=r"^--workers: 3, but TF_CONFIG names 2; leave --workers out$"):
        cluster_of(3)
    for wrong in ("{", "[]", json.dumps({**config, "task": {"type": "chief", "index": 0}}), json.dumps({"cluster": 1})):
        monkeypatch.setenv("TF_CONFIG", wrong)
        with pytest.raises(UsageError, match=r"^TF_CONFIG: expected "):
            cluster_of(None)
