"""What every corpus reader yields: a conversation is its utterances in the order they were spoken."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self


@dataclass(frozen=True, slots=True)
class Utterance:
    """One thing said. `text` is already normalised; it may be empty. `id` is the corpus's own (line) id."""

    speaker: str
    text: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Conversation:
    """Utterances in order. `source` names what must stay in one split: the movie, the file, the record."""

    id: str
    utterances: tuple[Utterance, ...]
    source: str

    def reversed(self) -> Self:
        """The same, the last utterance first: each is now followed by what it replied to."""
        return replace(self, utterances=self.utterances[::-1])
