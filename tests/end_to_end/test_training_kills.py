"""kill -9 while training: the run goes on where it stood, and ends with the very model of a run left in peace."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest
from whole_commands import Chatbot

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.train]


def newest_checkpoint(run: Path) -> str:
    return max((path.name for path in run.glob("checkpoints/step-*.safetensors")), default="")


def wait_for_progress(process: subprocess.Popen[bytes], run: Path, before: str) -> None:
    """Until a checkpoint newer than `before` is there, or the process has ended."""
    limit = time.monotonic() + 120
    while process.poll() is None and newest_checkpoint(run) <= before:
        assert time.monotonic() < limit, "no checkpoint was written"
        time.sleep(0.05)


def test_training_killed_again_and_again(chatbot: Chatbot) -> None:
    pytest.importorskip("tensorflow")
    recipe = (ROOT / "chatbot" / "recipes" / "tiny.toml").read_text(encoding="utf-8")
    often = f'{recipe}checkpoint_seconds = 1\nprecision = "float32"\n'  # "auto" may choose otherwise when resumed
    (chatbot.folder / "often.toml").write_text(often, encoding="utf-8")
    prepared = chatbot.run("prepare", str(ROOT / "corpora" / "sample"), "--output", "data", "--vocabulary-size", "400")
    assert prepared.code == 0, prepared.err
    train = ("train", "data", "--recipe", "often.toml", "--epochs", "3", "--output")
    peaceful = chatbot.run(*train, "peaceful", timeout=600)
    assert peaceful.code == 0, peaceful.err

    run, killed = chatbot.folder / "killed", 0
    for later in (0.0, 0.3, 0.7):
        before = newest_checkpoint(run)
        with chatbot.start(*train, "killed", *(["--resume"] if before else []), silent=True) as process:
            wait_for_progress(process, run, before)
            time.sleep(later)
            killed += process.poll() is None
            process.kill()
    assert killed >= 2
    ended = chatbot.run(*train, "killed", "--resume", timeout=600)
    assert ended.code == 0, ended.err

    weights = [chatbot.folder / name / "bundle" / "weights.safetensors" for name in ("peaceful", "killed")]
    assert weights[0].read_bytes() == weights[1].read_bytes()
    replied = chatbot.run("reply", "hello", "--model", "killed")
    assert (replied.code, len(replied.lines)) == (0, 1)
