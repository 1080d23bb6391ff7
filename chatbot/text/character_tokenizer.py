"""A character tokenizer: the characters of the training texts, line ends among them, `<unk>` for all others.

In: training texts, or the bytes of its JSON file. Out: a `Tokenizer`. Each line is normalised as every text is; lines
stay lines.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence

from chatbot.corpus.normalise import normalise_lines
from chatbot.errors import VocabularyError
from chatbot.text.listed import Listed
from chatbot.text.special import SPECIAL_PIECES, UNK_ID

FORMAT = "chatbot characters 1"
MAX_FILE_BYTES = 4 << 20
MAX_CHARACTERS = 150_000


class CharacterTokenizer(Listed):
    """Text <-> ids of a list of characters."""

    kind = "character"
    file_name = "characters.json"

    def __init__(self, characters: str, lower_case: bool) -> None:
        super().__init__(characters)
        self.lower_case = lower_case

    @classmethod
    def from_bytes(cls, content: bytes) -> CharacterTokenizer:
        """Load the JSON file from bytes that may come from a stranger; raises `VocabularyError`."""
        stored = cls.stored(content, FORMAT, MAX_FILE_BYTES)
        characters, lower_case = stored.get("characters"), stored.get("lower_case")
        if not isinstance(characters, str) or not isinstance(lower_case, bool) or len(characters) > MAX_CHARACTERS:
            raise VocabularyError(
                f"{cls.file_name}: expected at most {MAX_CHARACTERS:,} characters, and lower_case true or false"
            )
        if len(set(characters)) != len(characters):
            raise VocabularyError(f"{cls.file_name}: damaged: a character stands in the list twice")
        return cls(characters, lower_case)

    def encode(self, text: str) -> list[int]:
        """Ids of the characters of the text, its lines normalised; `<unk>` for what is not in the list.

        A space or line end that closes the text stays, so that a text can be gone on from after it.
        """
        text = normalise_lines(text) + _tail(text)
        return [self._ids.get(c, UNK_ID) for c in (text.lower() if self.lower_case else text)]

    def decode(self, ids: Iterable[int]) -> str:
        """The text of ids, as it is; special ids say nothing, except `<unk>`."""
        return "".join(self.said(ids))

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """The character of each id; a line's end as `\\n`."""
        return [character.replace("\n", "\\n") for character in super().pieces(ids)]

    def to_bytes(self) -> bytes:
        """The JSON file: format, lower_case, characters by falling frequency."""
        stored = {"format": FORMAT, "lower_case": self.lower_case, "characters": "".join(self.entries)}
        return (json.dumps(stored, ensure_ascii=False) + "\n").encode("utf-8")


def _tail(text: str) -> str:
    """The white space that a text ends with: one space, one line end or two."""
    tail = text[len(text.rstrip()) :] if text.strip() else ""
    return "\n" * min(2, tail.count("\n")) or (tail[:1] and " ")


def train_characters(
    texts: Iterable[str], vocabulary_size: int, minimum_count: int = 1, lower_case: bool = False
) -> CharacterTokenizer:
    """The commonest characters, `vocabulary_size` ids at most, each seen `minimum_count` times or more.

    Those seen equally often stand in the order of their code points, so that the same texts give the same list.
    """
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(text.lower() if lower_case else text)
    ranked = sorted((-n, character) for character, n in counts.items() if n >= minimum_count)
    kept = "".join(character for _, character in ranked[: vocabulary_size - len(SPECIAL_PIECES)])
    return CharacterTokenizer(kept, lower_case)
