"""What the prepared data looks like: lengths, commonest replies, near-duplicates across splits, unknown words.

In: every example as it is written, train first. Out: plain numbers for `dataset.json` and the table `prepare` ends
with. Lengths are kept as histograms, replies and hashes of pairs in a temporary file: memory does not grow.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from typing import Any

from chatbot.corpus.temporary import temporary_database

QUANTILES = (0.5, 0.9, 0.95, 0.99, 1.0)
COMMONEST = 10
SHOWN = 300  # characters of one of them
_ALPHANUMERIC = re.compile(r"[^\W_]+")


class Audit:
    """Collects the measures of one split after the other; made by `open_audit`."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        database.execute("CREATE TABLE replies (text TEXT PRIMARY KEY, n INTEGER) WITHOUT ROWID")
        database.execute("CREATE TABLE pairs (key BLOB PRIMARY KEY) WITHOUT ROWID")
        self.begin("train")

    def begin(self, split: str) -> None:
        """Start counting a split; `counts` is open to who writes it: tokens, unknown, same speaker."""
        self.split = split
        self.counts: Counter[str] = Counter()
        self._words: Counter[int] = Counter()
        self._tokens: Counter[int] = Counter()

    def add_example(self, prompt: str, reply: str, words: int, tokens: int) -> None:
        """Count an example: its texts, and the length of its reply."""
        self.counts["examples"] += 1
        self._words[words] += 1
        self._tokens[tokens] += 1
        key = pair_key(prompt, reply)
        if self.split == "train":
            upsert = "INSERT INTO replies VALUES (?, 1) ON CONFLICT (text) DO UPDATE SET n = n + 1"
            self._database.execute(upsert, (reply,))
            self._database.execute("INSERT OR IGNORE INTO pairs VALUES (?)", (key,))
        elif self._database.execute("SELECT 1 FROM pairs WHERE key = ?", (key,)).fetchone():
            self.counts["also in train"] += 1

    def split_measures(self) -> dict[str, Any]:
        """The measures of the split begun last."""
        examples = max(1, self.counts["examples"])
        measures = {
            "reply_words": quantiles(self._words),
            "reply_tokens": quantiles(self._tokens),
            "same_speaker": self.counts["same speaker"],
            "unknown_share": self.counts["unknown"] / max(1, self.counts["tokens"]),
        }
        if self.split != "train":
            also = self.counts["also in train"]
            measures |= {"also_in_train": also, "also_in_train_share": also / examples}
        return measures

    def commonest_replies(self) -> list[dict[str, Any]]:
        """The replies that train holds most often, with their share."""
        total = self._database.execute("SELECT sum(n) FROM replies").fetchone()[0]
        query = "SELECT substr(text, 1, ?), n FROM replies ORDER BY n DESC, text LIMIT ?"
        found = self._database.execute(query, (SHOWN, COMMONEST)).fetchall()
        return [{"reply": text, "count": n, "share": n / total} for text, n in found]


@contextlib.contextmanager
def open_audit() -> Iterator[Audit]:
    """Yield an audit that has begun with train."""
    with temporary_database() as database:
        yield Audit(database)


def quantiles(histogram: Counter[int]) -> dict[str, int]:
    """Quantile -> the smallest length that at least this share of all does not exceed."""
    total, seen, found = sum(histogram.values()), 0, {}
    wanted = list(QUANTILES)
    for length in sorted(histogram):
        seen += histogram[length]
        while wanted and seen >= wanted[0] * total:
            found[f"{wanted.pop(0):g}"] = length
    return found


def pair_key(prompt: str, reply: str) -> bytes:
    """Eight bytes that are equal for pairs that differ only in case, marks and spaces; pairs of marks keep theirs."""
    plain = [" ".join(_ALPHANUMERIC.findall(text.lower())) or text for text in (prompt, reply)]
    return hashlib.blake2b("\t".join(plain).encode("utf-8"), digest_size=8).digest()
