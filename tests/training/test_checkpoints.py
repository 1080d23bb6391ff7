"""Checkpoints: whole or passed over."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from chatbot.errors import CheckpointError
from chatbot.training.checkpoints import KEPT, Checkpoints, Position


def save(checkpoints: Checkpoints, step: int) -> None:
    checkpoints.save(Position(step=step, best=1.5), {"weights/a": np.full((2, 3), step, np.float32)})


def test_the_newest_comes_back_and_old_ones_go(tmp_path: Path):
    checkpoints = Checkpoints(tmp_path)
    for step in range(1, 6):
        save(checkpoints, step)
    position, arrays = checkpoints.load_newest()
    assert (position.step, position.best) == (5, 1.5)
    np.testing.assert_array_equal(arrays["weights/a"], np.full((2, 3), 5, np.float32))
    assert len(list(tmp_path.rglob("*"))) == 1 + KEPT


@pytest.mark.parametrize("damage", ["truncate", "flip", "empty", "garbage"])
def test_a_damaged_one_is_passed_over(tmp_path: Path, damage: str):
    checkpoints = Checkpoints(tmp_path)
    save(checkpoints, 1)
    save(checkpoints, 2)
    newest = tmp_path / "checkpoints" / "step-000000002.safetensors"
    content = bytearray(newest.read_bytes())
    content[-3] ^= 0x40
    changed = {"truncate": bytes(content[:-5]), "flip": bytes(content), "empty": b"", "garbage": b"\x00" * 300}
    newest.write_bytes(changed[damage])
    assert checkpoints.load_newest()[0].step == 1


def test_none_whole_is_one_clear_line(tmp_path: Path):
    with pytest.raises(CheckpointError, match="no whole checkpoint to resume from"):
        Checkpoints(tmp_path).load_newest()


def test_leftovers_of_a_killed_process_are_no_checkpoints(tmp_path: Path):
    checkpoints = Checkpoints(tmp_path)
    save(checkpoints, 1)
    (tmp_path / "checkpoints" / ".step-000000002.safetensors.99999999.tmp").write_bytes(b"half")
    assert checkpoints.load_newest()[0].step == 1
    save(checkpoints, 2)
    assert not list((tmp_path / "checkpoints").glob(".*"))


def test_best_is_none_until_it_is_saved(tmp_path: Path):
    checkpoints = Checkpoints(tmp_path)
    assert checkpoints.load_best() is None
    checkpoints.save_best(Position(), {"a": np.ones(2, np.float32)})
    best = checkpoints.load_best()
    assert best is not None
    np.testing.assert_array_equal(best["a"], np.ones(2))
