"""A person who talks with the tiny model, at an emulated terminal or on paper."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from paper import Paper

from chatbot.repl.talk import Asked
from chatbot.store.history import History


@pytest.fixture
def asked(tiny_bundle: Path) -> Asked:
    """Talk with the tiny model, not for the first time."""
    with History.open():
        return Asked(model=str(tiny_bundle))


@pytest.fixture
def paper(tiny_bundle: Path) -> Iterator[Paper]:
    """A talk without a screen."""
    paper = Paper(Asked(model=str(tiny_bundle)))
    yield paper
    paper.talk.close()
