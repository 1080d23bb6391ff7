"""Which source (movie) belongs to which split: train, validation or test; none is in two."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from chatbot.errors import CorpusError

SPLITS = ("train", "validation", "test")
HELD_OUT = 0.1


def split_sources(sources: Iterable[str], seed: int, held_out: float = HELD_OUT) -> dict[str, str]:
    """Source -> split, by the order of sha256(seed, source): neither the corpus's order nor the machine matters.

    `held_out` is the share of the sources in validation, and again in test; at least one each.
    """
    return split_ranked(sorted(set(sources), key=lambda one: (_digest(f"{seed}\t{one}"), one)), held_out)


def split_ranked(ranked: Sequence[str], held_out: float = HELD_OUT) -> dict[str, str]:
    """Source -> split: the first ones are the test, the next ones validation, all others training."""
    if len(ranked) < len(SPLITS):
        raise CorpusError(
            f"the corpus has {len(ranked)} movies, sentences or other sources; expected at least {len(SPLITS)}, "
            "since training, validation and test each need one of their own"
        )
    held = max(1, round(held_out * len(ranked)))
    names = ["test"] * held + ["validation"] * held + ["train"] * (len(ranked) - 2 * held)
    return dict(sorted(zip(ranked, names, strict=True)))


def split_hash(splits: Mapping[str, str]) -> str:
    """sha256 over the sorted lines `source TAB split`: equal hashes mean equal splits."""
    return _digest("".join(f"{source}\t{split}\n" for source, split in sorted(splits.items())))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
