"""`chatbot` as a process, with a tiny model to talk with and a home for each test."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from whole_commands import Chatbot


@pytest.fixture
def chatbot(tmp_path: Path, tiny_bundle: Path) -> Chatbot:
    """Runs commands with no settings from the environment but a home of its own and the tiny model."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CHATBOT_")}
    return Chatbot(tmp_path, {**kept, "CHATBOT_HOME": str(tmp_path / "home"), "CHATBOT_MODEL": str(tiny_bundle)})
