"""A tokenizer's file, from a dataset or a bundle that may come from a stranger -> the tokenizer."""

from __future__ import annotations

from chatbot.errors import VocabularyError
from chatbot.settings import suggest
from chatbot.text.tokenizer import Tokenizer

FILE_NAMES = {
    "sentencepiece": "tokenizer.model",
    "word": "tokenizer.json",
    "character": "characters.json",
    "tagging": "tagging.json",
}
KINDS = tuple(FILE_NAMES)


def tokenizer_from_bytes(kind: str, content: bytes) -> Tokenizer:
    """The tokenizer of `kind` that `content` holds; raises `VocabularyError` of one line."""
    if kind == "sentencepiece":
        from chatbot.text.sentencepiece_tokenizer import SentencePieceTokenizer

        return SentencePieceTokenizer(content)
    if kind == "word":
        from chatbot.text.word_tokenizer import WordTokenizer

        return WordTokenizer.from_bytes(content)
    if kind == "character":
        from chatbot.text.character_tokenizer import CharacterTokenizer

        return CharacterTokenizer.from_bytes(content)
    if kind == "tagging":
        from chatbot.text.tagging_tokenizer import TaggingTokenizer

        return TaggingTokenizer.from_bytes(content)
    raise VocabularyError(f"unknown kind of tokenizer {kind!r}; {suggest(kind, KINDS)}")
