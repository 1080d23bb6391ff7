"""What a tagger reads of a text: words, each as an id and as characters; and the tags that it says of them.

In: tagged sentences, or the bytes of its JSON file. Out: a `Tokenizer` whose pieces are words. A word's id is that of
its small letters with every digit as 0; its characters keep both. Words of a running text are found by a pattern.
"""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TypeGuard

from chatbot.corpus.normalise import normalise
from chatbot.corpus.tag_schemes import OUTSIDE, parts
from chatbot.errors import VocabularyError
from chatbot.text.listed import Listed
from chatbot.text.special import SPECIAL_PIECES, UNK_ID

FORMAT = "chatbot tagging 1"
MAX_FILE_BYTES = 32 << 20
MAX_WORDS, MAX_CHARACTERS, MAX_LABELS = 500_000, 10_000, 1000
LONGEST_WORD = 24  # characters read of a word: its first and its last ones
BEGIN_ID, END_ID, FIRST_CHARACTER = 2, 3, 4  # 0 is padding, 1 an unknown character
_WORD = re.compile(
    r"https?://\S+|[@#]\w+|(?:[^\W\d_]\.){2,}|\d+(?:[.,:/]\d+)*|['’](?:s|re|ve|ll|d|m)\b|\w+(?:[-_&]\w+)*|[^\w\s]",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")


class TaggingTokenizer(Listed):
    """Words, characters and tags <-> ids. Tag ids count from 0; tag 0 is O."""

    kind = "tagging"
    file_name = "tagging.json"

    def __init__(self, words: Sequence[str], characters: str, labels: Sequence[str]) -> None:
        super().__init__(words)
        self.labels = tuple(labels)
        self.tags = (OUTSIDE, *(f"{letter}-{label}" for label in labels for letter in "BIES"))
        self.tag_ids = {tag: i for i, tag in enumerate(self.tags)}
        self.characters = characters
        self._character_ids = {c: i for i, c in enumerate(characters, FIRST_CHARACTER)}

    @classmethod
    def from_bytes(cls, content: bytes) -> TaggingTokenizer:
        """Load the JSON file from bytes that may come from a stranger; raises `VocabularyError`."""
        stored = cls.stored(content, FORMAT, MAX_FILE_BYTES)
        words, characters, labels = stored.get("words"), stored.get("characters"), stored.get("labels")
        if not _texts(words, MAX_WORDS) or not _texts(labels, MAX_LABELS) or not isinstance(characters, str):
            raise VocabularyError(f"{cls.file_name}: damaged: expected words, characters and labels, none twice")
        if len(set(characters)) != len(characters) or len(characters) > MAX_CHARACTERS or not all(map(_label, labels)):
            raise VocabularyError(f"{cls.file_name}: damaged: a character stands twice, or a label is none")
        return cls(words, characters, labels)

    @property
    def character_size(self) -> int:
        """Number of character ids."""
        return FIRST_CHARACTER + len(self.characters)

    def split(self, text: str) -> list[tuple[int, int]]:
        """Where the words of a running text begin and end, in characters."""
        return [found.span() for found in _WORD.finditer(text)]

    def word_ids(self, words: Iterable[str]) -> list[int]:
        """An id a word; `<unk>` for those never seen."""
        return [self._ids.get(folded(word), UNK_ID) for word in words]

    def character_ids(self, word: str) -> list[int]:
        """Ids of a word's characters between marks of its beginning and its end; of a long word those at its ends."""
        half = LONGEST_WORD // 2
        kept = word if len(word) <= LONGEST_WORD else word[:half] + word[-half:]
        return [BEGIN_ID, *(self._character_ids.get(c, 1) for c in kept), END_ID]

    def spelled(self, ids: Iterable[int]) -> str:
        """The word whose character ids these are; `\ufffd` stands for what is not known."""
        inside = (i for i in ids if i not in (0, BEGIN_ID, END_ID))
        return "".join(self.characters[i - FIRST_CHARACTER] if i >= FIRST_CHARACTER else "\ufffd" for i in inside)

    def encode(self, text: str) -> list[int]:
        """Ids of the words of a running text."""
        return self.word_ids(text[first:end] for first, end in self.split(text))

    def decode(self, ids: Iterable[int]) -> str:
        """The words of ids as they are looked up, a space between them; special ids say nothing, except `<unk>`."""
        return " ".join(self.said(ids))

    def to_bytes(self) -> bytes:
        """The JSON file: format, words by falling frequency, characters, labels."""
        stored = {"format": FORMAT, "words": self.entries, "characters": self.characters}
        return (json.dumps({**stored, "labels": self.labels}, ensure_ascii=False, indent=0) + "\n").encode("utf-8")


def words_of(text: str) -> list[str]:
    """The words of a running text."""
    found: list[str] = _WORD.findall(text)
    return found


def folded(word: str) -> str:
    """A word as it is looked up."""
    return _DIGIT.sub("0", (normalise(word) or word).lower())


def train_tagging(
    sentences: Iterable[tuple[Sequence[str], Sequence[str]]], vocabulary_size: int, known: Iterable[str] = ()
) -> TaggingTokenizer:
    """The commonest words, `vocabulary_size` ids in all, and all characters and labels, of words and their tags.

    Where these words leave room, the first of the `known` ones follow.
    """
    words: Counter[str] = Counter()
    characters: Counter[str] = Counter()
    labels: set[str] = set()
    for said, tags in sentences:
        words.update(map(folded, said))
        characters.update("".join(said))
        labels.update(label for _, label in map(parts, tags) if label)
    if not labels:
        raise VocabularyError("no word of the training sentences is tagged; expected tags such as B-PER")
    ranked = sorted((-n, word) for word, n in words.items())
    letters = sorted((-n, character) for character, n in characters.items() if n > 1)
    room = vocabulary_size - len(SPECIAL_PIECES)
    spelled = itertools.chain((word for _, word in ranked), map(folded, known))
    kept = list(itertools.islice(dict.fromkeys(word for word in spelled if word), room))
    return TaggingTokenizer(kept, "".join(c for _, c in letters[:MAX_CHARACTERS]), sorted(labels))


def _texts(value: object, most: int) -> TypeGuard[list[str]]:
    if not isinstance(value, list) or len(value) > most or not all(isinstance(one, str) and one for one in value):
        return False
    return len(set(value)) == len(value)


def _label(label: str) -> bool:
    try:
        return parts(f"B-{label}")[1] == label
    except ValueError:
        return False
