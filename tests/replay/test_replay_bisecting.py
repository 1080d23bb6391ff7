"""Bisecting: which epoch of a run changed a reply."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from talks import alter_reply, branches, talk
from tiny import save_tiny_bundle
from toy_bundle import save_toy

from chatbot.dialogue.model import Model
from chatbot.errors import CheckpointError, UsageError
from chatbot.replay.bisecting import bisect, checkpoints, verdict
from chatbot.store.history import History


def a_run(path: Path, epochs: Sequence[str]) -> Path:
    """A run whose epochs talk like `tiny` ("t") or like another model, of which there are any number."""
    for number, kind in enumerate(epochs, start=1):
        name = f"epoch-{number:05d}"
        folder = path / "epochs" / name if number < len(epochs) else path / "bundle"
        if kind == "t":
            save_tiny_bundle(folder, name)
        else:
            save_toy(folder, seed=int(kind), name=name, training={"best_epoch": number - 1})
    return path


@pytest.mark.parametrize(
    ("epochs", "culprit", "changes", "said"),
    [
        ("1tt2", 3, (1, 3), "changed by bundle (epoch 3): epoch-00003 still says it"),
        ("t1t", None, (1, 2), "not changed: said by bundle (epoch ?) and all after it"),
        ("1tt", None, (1,), "not changed: said by epoch-00002 and all after it"),
        ("122", None, (1,), "said by no checkpoint"),
    ],
)
def test_the_epoch_that_changed_a_reply_is_found(
    tiny: Model, history: History, tmp_path: Path, epochs: str, culprit: int | None, changes: tuple[int], said: str
) -> None:
    talk(history, tiny)
    found = bisect(a_run(tmp_path / "run", epochs), branches(history)[0], 2)
    assert [one.same for one in found.tried] == [kind == "t" for kind in epochs]
    assert (found.number, found.culprit, found.changes) == (2, culprit, changes)
    assert verdict(found).startswith(said)
    likeliest = max(found.tried, key=lambda one: one.nats)
    assert likeliest.same or "t" not in epochs


def test_without_a_number_it_is_the_first_that_the_run_changes(tiny: Model, history: History, tmp_path: Path) -> None:
    talk(history, tiny)
    alter_reply(history, 2, text="Something else.")
    (branch,) = branches(history)
    assert bisect(a_run(tmp_path / "run", "tt"), branch).number == 2
    assert bisect(tmp_path / "run", branch, 1).number == 1
    with pytest.raises(UsageError, match="has no reply 4; it has 3"):
        bisect(tmp_path / "run", branch, 4)


def test_a_run_without_epochs_says_what_to_do(tmp_path: Path) -> None:
    save_tiny_bundle(tmp_path / "run" / "bundle")
    with pytest.raises(CheckpointError, match=r"keeps no epochs .* chatbot replay ID --model"):
        checkpoints(tmp_path / "run")
    with pytest.raises(CheckpointError, match="no such folder"):
        checkpoints(tmp_path / "nowhere")
