"""The surface every tokenizer has, whatever its kind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol


class Tokenizer(Protocol):
    """Text <-> ids. Ids 0..5 are those of `special`; `encode` never yields them, but `<unk>` for a word tokenizer."""

    kind: str  # "sentencepiece", "word" or "character"
    file_name: str  # the file's name inside a dataset or a bundle

    @property
    def size(self) -> int:
        """Number of ids."""
        ...

    def encode(self, text: str) -> list[int]:
        """Ids of a text; normalises it first."""
        ...

    def decode(self, ids: Iterable[int]) -> str:
        """The text of ids; special ids say nothing, except `<unk>`."""
        ...

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """One printable piece per id, special ids by their names."""
        ...

    def to_bytes(self) -> bytes:
        """The content of the tokenizer's file."""
        ...
