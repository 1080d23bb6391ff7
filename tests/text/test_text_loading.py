from __future__ import annotations

import pytest

from chatbot.errors import VocabularyError
from chatbot.text.character_tokenizer import train_characters
from chatbot.text.loading import FILE_NAMES, tokenizer_from_bytes
from chatbot.text.sentencepiece_tokenizer import train_sentencepiece
from chatbot.text.tagging_tokenizer import train_tagging
from chatbot.text.tokenizer import Tokenizer
from chatbot.text.word_tokenizer import train_words

TEXTS = ["Good morning.", "Good night."]


TRAINED = [
    train_sentencepiece(TEXTS, 300),
    train_words(TEXTS, 300),
    train_characters(TEXTS, 300),
    train_tagging([(text.split(), ["O", "S-TIME"]) for text in TEXTS], 300),
]


@pytest.mark.parametrize("tokenizer", TRAINED, ids=FILE_NAMES)
def test_each_kind_comes_back_from_its_bytes(tokenizer: Tokenizer) -> None:
    loaded = tokenizer_from_bytes(tokenizer.kind, tokenizer.to_bytes())
    assert type(loaded) is type(tokenizer)
    assert loaded.encode("Good morning.") == tokenizer.encode("Good morning.")
    assert FILE_NAMES[tokenizer.kind] == tokenizer.file_name


def test_an_unknown_kind_is_named() -> None:
    with pytest.raises(VocabularyError, match="unknown kind of tokenizer 'words'; did you mean 'word'"):
        tokenizer_from_bytes("words", b"")
