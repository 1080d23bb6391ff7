"""Which source (movie) belongs to which split: train, validation or test; none is in two."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from chatbot.errors import CorpusError

SPLITS = ("train", "validation", "test")
HELD_OUT = 0.1  # share of the sources in validation, and again in test; at least one each


def split_sources(sources: Iterable[str], seed: int) -> dict[str, str]:
    """Source -> split, by the order of sha256(seed, source): neither the corpus's order nor the machine matters."""
    ranked = sorted(set(sources), key=lambda source: (_digest(f"{seed}\t{source}"), source))
    if len(ranked) < len(SPLITS):
        raise CorpusError(
            f"the corpus has {len(ranked)} movies or sources with conversations; expected at least {len(SPLITS)}, "
            "since training, validation and test each need one of their own"
        )
    held = max(1, round(HELD_OUT * len(ranked)))
    names = ["test"] * held + ["validation"] * held + ["train"] * (len(ranked) - 2 * held)
    return dict(sorted(zip(ranked, names, strict=True)))


def split_hash(splits: Mapping[str, str]) -> str:
    """sha256 over the sorted lines `source TAB split`: equal hashes mean equal splits."""
    return _digest("".join(f"{source}\t{split}\n" for source, split in sorted(splits.items())))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
