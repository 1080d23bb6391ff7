"""What the prepared data looks like: lengths, commonest replies, near-duplicates across splits, unknown words.

In: every example as it is written. Out: plain numbers for `dataset.json` and the table that `prepare` ends with.
Lengths are kept as histograms and replies as hashes in a temporary SQLite file, so that memory stays small.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections import Counter
from types import TracebackType
from typing import Any

QUANTILES = (0.5, 0.9, 0.95, 0.99, 1.0)
COMMONEST = 10
_ALPHANUMERIC = re.compile(r"\w+")


class Audit:
    """Collects the measures of all splits; a context manager. Train comes first: the others are compared with it."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("")
        self._database.execute("CREATE TABLE replies (text TEXT PRIMARY KEY, n INTEGER) WITHOUT ROWID")
        self._database.execute("CREATE TABLE pairs (key BLOB PRIMARY KEY) WITHOUT ROWID")
        self._lengths: dict[str, Counter[int]] = {}
        self._counts: dict[str, Counter[str]] = {}

    def __enter__(self) -> Audit:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def add_tokens(self, split: str, tokens: int, unknown: int) -> None:
        """Count an utterance's tokens, and how many of them are `<unk>`."""
        self._count(split)["tokens"] += tokens
        self._count(split)["unknown"] += unknown

    def add_example(self, split: str, prompt: str, reply: str, words: int, tokens: int) -> None:
        """Count an example of the split: its texts and the length of its reply in words and in tokens."""
        self._count(split)["examples"] += 1
        self._lengths.setdefault(f"{split} words", Counter())[words] += 1
        self._lengths.setdefault(f"{split} tokens", Counter())[tokens] += 1
        key = pair_key(prompt, reply)
        if split == "train":
            upsert = "INSERT INTO replies VALUES (?, 1) ON CONFLICT (text) DO UPDATE SET n = n + 1"
            self._database.execute(upsert, (reply,))
            self._database.execute("INSERT OR IGNORE INTO pairs VALUES (?)", (key,))
        elif self._database.execute("SELECT 1 FROM pairs WHERE key = ?", (key,)).fetchone():
            self._count(split)["also in train"] += 1

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain numbers and texts."""
        query = "SELECT text, n FROM replies ORDER BY n DESC, text LIMIT ?"
        total = self._counts.get("train", Counter())["examples"]
        commonest = [
            {"reply": text, "count": n, "share": n / total}
            for text, n in self._database.execute(query, (COMMONEST,)).fetchall()
        ]
        return {"splits": {name: self._split(name) for name in self._counts}, "commonest_replies": commonest}

    def _split(self, name: str) -> dict[str, Any]:
        counts = self._counts[name]
        return {
            "examples": counts["examples"],
            "reply_words": quantiles(self._lengths.get(f"{name} words", Counter())),
            "reply_tokens": quantiles(self._lengths.get(f"{name} tokens", Counter())),
            "also_in_train": counts["also in train"] if name != "train" else None,
            "unknown_share": counts["unknown"] / max(1, counts["tokens"]),
        }

    def _count(self, split: str) -> Counter[str]:
        return self._counts.setdefault(split, Counter())


def quantiles(histogram: Counter[int]) -> dict[str, int]:
    """Quantile -> length: the smallest length that this share of all does not exceed."""
    total, seen, found = sum(histogram.values()), 0, {}
    wanted = list(QUANTILES)
    for length in sorted(histogram):
        seen += histogram[length]
        while wanted and seen >= wanted[0] * total:
            found[f"{wanted.pop(0):g}"] = length
    return found


def pair_key(prompt: str, reply: str) -> bytes:
    """Eight bytes that are equal for pairs that differ only in case, marks and spaces."""
    plain = "\t".join(" ".join(_ALPHANUMERIC.findall(text.lower())) for text in (prompt, reply))
    return hashlib.blake2b(plain.encode("utf-8"), digest_size=8).digest()
