"""What the tokenizers share whose ids are places in a list of words or characters: the list, and their JSON file.

In: entries, or the bytes of a file that may come from a stranger. Out: ids <-> entries.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from chatbot.errors import VocabularyError
from chatbot.text.special import SPECIAL_PIECES, UNK_ID


class Listed:
    """The special pieces, and after them the entries of a list."""

    file_name: str

    def __init__(self, entries: Iterable[str]) -> None:
        self._pieces = [*SPECIAL_PIECES, *entries]
        self._ids = {piece: i for i, piece in enumerate(self._pieces) if i >= len(SPECIAL_PIECES)}

    @property
    def size(self) -> int:
        """Number of ids."""
        return len(self._pieces)

    @property
    def entries(self) -> list[str]:
        """The list, without the special pieces."""
        return self._pieces[len(SPECIAL_PIECES) :]

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """The entry of each id."""
        return [self._pieces[int(i)] for i in ids]

    def said(self, ids: Iterable[int]) -> list[str]:
        """The entries of ids; special ids say nothing, except `<unk>`."""
        return [self._pieces[i] for i in map(int, ids) if i >= len(SPECIAL_PIECES) or i == UNK_ID]

    @classmethod
    def stored(cls, content: bytes, version: str, most: int) -> dict[str, Any]:
        """The fields of a tokenizer's file of at most `most` bytes, whose format is `version`; `VocabularyError`."""
        if len(content) > most:
            raise VocabularyError(f"{cls.file_name}: {len(content):,} bytes, expected at most {most:,}")
        try:
            fields = json.loads(content.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise VocabularyError(f"{cls.file_name}: not JSON, or damaged") from error
        if not isinstance(fields, dict) or fields.get("format") != version:
            raise VocabularyError(f"{cls.file_name}: no vocabulary of this version, expected format {version!r}")
        return fields
