"""A word tokenizer: the commonest words of the training texts, `<unk>` for all others.

In: normalised training texts, or the bytes of its JSON file. Out: a `Tokenizer`. A contraction ("don't") is one word
or, where wanted, two, a run of dots or dashes is one token, any other mark is one token. Spaces are not kept: decoding
sets them by rule.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from chatbot.corpus.normalise import normalise
from chatbot.errors import VocabularyError
from chatbot.text.listed import Listed
from chatbot.text.special import SPECIAL_PIECES, UNK_ID

FORMAT = "chatbot words 1"
MAX_FILE_BYTES = 32 << 20
MAX_WORDS = 1_000_000
_WORDS = re.compile(r"\w+(?:'\w+)*|\.{2,}|-{2,}|[^\w\s]")
_ENDING = re.compile(r"(?<=\w)(?:n't|'(?:s|m|d|re|ve|ll))$", re.IGNORECASE)
_ENDINGS = ("n't", "'s", "'m", "'d", "'re", "'ve", "'ll")
_NO_SPACE_BEFORE = frozenset(".,!?;:)]}%'") | {"..."}
_NO_SPACE_AFTER = frozenset("([{$#@")
_NO_SPACE_AROUND = frozenset("-/_")


def split_words(text: str, contractions: bool = False) -> list[str]:
    """The tokens of a normalised text; with `contractions` "don't" is "do" and "n't", as in the Penn Treebank."""
    found: list[str] = _WORDS.findall(text)
    return [part for word in found for part in _parted(word)] if contractions else found


def _parted(word: str) -> list[str]:
    ending = _ENDING.search(word) if "'" in word else None
    return [word] if ending is None else [*_parted(word[: ending.start()]), ending.group()]


def first_words(text: str, most: int, contractions: bool = False) -> str:
    """A normalised text up to its token number `most`, all of it where it has no more."""
    end = 0
    for word in split_words(text, contractions)[:most]:
        end = text.index(word, end) + len(word)
    return text[:end]


class WordTokenizer(Listed):
    """Text <-> ids of a list of words."""

    kind = "word"
    file_name = "tokenizer.json"

    def __init__(self, words: Sequence[str], lower_case: bool, contractions: bool = False) -> None:
        super().__init__(words)
        self.lower_case, self.contractions = lower_case, contractions

    @classmethod
    def from_bytes(cls, content: bytes) -> WordTokenizer:
        """Load the JSON file from bytes that may come from a stranger; raises `VocabularyError`."""
        stored = cls.stored(content, FORMAT, MAX_FILE_BYTES)
        words, lower_case = stored.get("words"), stored.get("lower_case")
        contractions = stored.get("contractions", False)
        if not isinstance(words, list) or not isinstance(lower_case, bool) or len(words) > MAX_WORDS:
            raise VocabularyError(
                f"{cls.file_name}: expected at most {MAX_WORDS:,} words, and lower_case true or false"
            )
        if not isinstance(contractions, bool):
            raise VocabularyError(f"{cls.file_name}: expected contractions true or false, not {contractions!r:.40}")
        if not all(isinstance(word, str) and _is_one(word, contractions) for word in words):
            raise VocabularyError(f"{cls.file_name}: damaged: an entry of the list is not one word")
        if len(set(words)) != len(words):
            raise VocabularyError(f"{cls.file_name}: damaged: a word stands in the list twice")
        return cls(words, lower_case, contractions)

    def encode(self, text: str) -> list[int]:
        """Ids of the words of the normalised text; `<unk>` for what is not in the list."""
        text = normalise(text)
        words = split_words(text.lower() if self.lower_case else text, self.contractions)
        return [self._ids.get(word, UNK_ID) for word in words]

    def decode(self, ids: Iterable[int]) -> str:
        """A readable text of ids; special ids say nothing, except `<unk>`."""
        return join_words(self.said(ids), self.contractions)

    def to_bytes(self) -> bytes:
        """The JSON file: format, lower_case, words by falling frequency."""
        stored: dict[str, Any] = {"format": FORMAT, "lower_case": self.lower_case}
        stored |= {"contractions": True} if self.contractions else {}
        stored["words"] = self.entries
        return (json.dumps(stored, ensure_ascii=False, indent=0) + "\n").encode("utf-8")


def _is_one(word: str, contractions: bool) -> bool:
    """Whether an entry of a word list is one that `split_words` gives."""
    return split_words(normalise(word), contractions) == [word] or (contractions and word.lower() in _ENDINGS)


def join_words(words: Sequence[str], contractions: bool = False) -> str:
    """Tokens -> a text with spaces where a reader expects them; quotation marks open and close in turn."""
    text, glued, quoted = "", True, False
    for word in words:
        closes = word == '"' and quoted
        ends = contractions and word.lower() in _ENDINGS
        glue = glued or closes or ends or word in _NO_SPACE_BEFORE or word in _NO_SPACE_AROUND
        text += word if glue else f" {word}"
        quoted ^= word == '"'
        glued = word in _NO_SPACE_AFTER or word in _NO_SPACE_AROUND or (word == '"' and quoted)
    return text


def train_words(
    texts: Iterable[str],
    vocabulary_size: int,
    minimum_count: int = 1,
    lower_case: bool = False,
    contractions: bool = False,
) -> WordTokenizer:
    """The commonest words of normalised texts, `vocabulary_size` ids in all, each seen `minimum_count` times or more.

    Words seen equally often stand in alphabetical order, so that the same texts give the same list.
    """
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(split_words(text.lower() if lower_case else text, contractions))
    ranked = sorted((-n, word) for word, n in counts.items() if n >= minimum_count)
    words = [word for _, word in ranked[: vocabulary_size - len(SPECIAL_PIECES)]]
    return WordTokenizer(words, lower_case, contractions)
