"""TensorFlow brings an SQLite of its own, without FTS5, which takes the place of Python's where it is loaded first."""

from __future__ import annotations

import subprocess
import sys

import pytest

KEEP = "from chatbot.store.history import History\nwith History.open() as history: history.start_conversation('hi')"


def kept_after(first: str) -> subprocess.CompletedProcess[str]:
    """A process that imports `first`, then keeps a conversation in a new database."""
    return subprocess.run([sys.executable, "-c", f"{first}\n{KEEP}"], capture_output=True, text=True, check=False)


def test_what_trains_can_also_keep_conversations() -> None:
    found = kept_after("import chatbot.training.tensorflow_step")
    assert found.returncode == 0, found.stderr


def test_where_tensorflow_came_first_the_message_says_so() -> None:
    pytest.importorskip("tensorflow")
    found = kept_after("import tensorflow")
    if found.returncode:  # another build of it may bring no SQLite
        assert "put `import sqlite3` first" in found.stderr.splitlines()[-1]
