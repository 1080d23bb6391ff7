"""Models to replay with, and a history."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tiny import save_tiny_bundle
from toy_bundle import save_toy

from chatbot.dialogue.model import Model
from chatbot.store.history import History


@pytest.fixture(scope="session")
def tiny(tiny_bundle: Path) -> Model:
    """The model that talked."""
    return Model.load(str(tiny_bundle))


@pytest.fixture(scope="session")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """A model of another name and fingerprint that says the same."""
    path = tmp_path_factory.mktemp("twin") / "twin"
    save_tiny_bundle(path, "twin")
    return Model.load(str(path))


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """A model of other weights and another tokenizer."""
    path = tmp_path_factory.mktemp("stranger") / "stranger"
    save_toy(path, name="stranger", decoding={"max_length": 8})
    return Model.load(str(path))


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database without conversations; making one takes longer than most tests."""
    path = tmp_path_factory.mktemp("empty") / "history.db"
    History.open(str(path)).close()
    return path


@pytest.fixture
def history(empty: Path, tmp_path: Path) -> Iterator[History]:
    with History.open(str(shutil.copy(empty, tmp_path / "history.db"))) as opened:
        yield opened
