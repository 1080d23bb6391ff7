"""kill -9 while training: the run goes on where it stood, and ends with the very model of a run left in peace."""

from __future__ import annotations

import contextlib
import subprocess
from pathlib import Path

import pytest
from whole_commands import Chatbot

SAMPLE = Path(__file__).resolve().parents[2] / "corpora" / "sample"
pytestmark = [pytest.mark.slow, pytest.mark.train]


def test_training_killed_again_and_again(chatbot: Chatbot) -> None:
    pytest.importorskip("tensorflow")
    assert chatbot.run("prepare", str(SAMPLE), "--output", "data", "--vocabulary-size", "400").code == 0
    train = ("train", "data", "--recipe", "tiny", "--epochs", "3", "--seed", "1", "--output")
    peaceful = chatbot.run(*train, "peaceful", timeout=600)
    assert peaceful.code == 0, peaceful.err
    for seconds in (4, 6, 8, 10):
        resume = ["--resume"] if (chatbot.folder / "killed").exists() else []
        with chatbot.start(*train, "killed", *resume) as process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=seconds)
            process.kill()
    ended = chatbot.run(*train, "killed", "--resume", timeout=600)
    assert ended.code == 0, ended.err
    weights = [chatbot.folder / run / "bundle" / "weights.safetensors" for run in ("peaceful", "killed")]
    assert weights[0].read_bytes() == weights[1].read_bytes()
    replied = chatbot.run("reply", "hello", "--model", "killed")
    assert (replied.code, len(replied.lines)) == (0, 1)
