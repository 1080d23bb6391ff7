"""Token ids -> logits, for training (Keras 3)."""

import sqlite3  # noqa: F401 - before TensorFlow, whose own SQLite would stand in for it, and has no FTS5
