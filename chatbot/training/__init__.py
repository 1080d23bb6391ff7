"""Batches -> weights -> bundle (Keras 3 on TensorFlow)."""

import sqlite3  # noqa: F401 - before TensorFlow, whose own SQLite would stand in for it, and has no FTS5
