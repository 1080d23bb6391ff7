"""A temporary database on disk: what is too large for memory goes there, and the system removes it whatever happens."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator

from chatbot.errors import CorpusError

CACHE = 16 << 10  # KiB


@contextlib.contextmanager
def temporary_database() -> Iterator[sqlite3.Connection]:
    """Yield a connection to an empty, unnamed SQLite file; no disk left for it is a `CorpusError`."""
    try:
        with contextlib.closing(sqlite3.connect("", isolation_level=None)) as database:
            # Nothing is ever rolled back or read by others: neither journal nor syncing is needed.
            database.executescript(
                f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -{CACHE};"
                "PRAGMA temp_store = FILE; BEGIN"
            )
            yield database
    except sqlite3.OperationalError as error:
        raise CorpusError(f"temporary file: {error}; free some disk space, or let TMPDIR name a larger disk") from error
