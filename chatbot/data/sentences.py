"""Tagged sentences: written to the arrays of a split, and read back.

In: conversations of two utterances, words and their tags, single spaces between them. Out: ids of words, of their
characters and of their tags.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np

from chatbot.corpus.conversation import Conversation
from chatbot.data.arrays import damaged, mapped
from chatbot.data.writing import Writing
from chatbot.text.tagging_tokenizer import TaggingTokenizer
from chatbot.text.tokenizer import Tokenizer


class SentenceWriter(Writing):
    """Writes the sentences of one split."""

    def add(self, conversation: Conversation) -> None:
        """Append a sentence."""
        writer, tokenizer = self.writer, self.tokenizer
        assert isinstance(tokenizer, TaggingTokenizer)
        words, tags = (turn.text.split(" ") for turn in conversation.utterances)
        unknown = [tag for tag in tags if tag not in tokenizer.tag_ids]
        self.counts.dropped["tags: of a label that training has not, read as O"] += len(unknown)
        ids, text = tokenizer.word_ids(words), conversation.utterances[0].text
        self.append(ids, text, len(words))
        writer.extend("tags", [tokenizer.tag_ids.get(tag, 0) for tag in tags])
        for word in words:
            characters = tokenizer.character_ids(word)
            writer.characters = (writer.characters or 0) + len(characters)
            writer.extend("characters", characters)
            writer.extend("character_offsets", [writer.characters])
        writer.examples += 1
        writer.conversations += 1
        self.audit.add_example("", text, len(words), len(ids))


class SentenceSplit:
    """One of train, validation, test."""

    def __init__(self, name: str, folder: Path, counts: dict[str, Any], vocabulary_size: int) -> None:
        self.name = name
        arrays = mapped("tagging", name, folder, counts, vocabulary_size)
        self.tokens = arrays["tokens"]  # [words]
        self.tags = arrays["tags"]  # [words]
        self.offsets = arrays["offsets"]  # [sentences + 1], in words
        self.bytes, self.words = arrays["bytes"], arrays["words"]  # [sentences]
        self.characters = arrays["characters"]
        self.character_offsets = arrays["character_offsets"]  # [words + 1]
        for offsets, items, wrong in (
            (self.offsets, len(self.tokens), "offsets"),
            (self.character_offsets, len(self.characters), "character_offsets"),
        ):
            if offsets[0] != 0 or offsets[-1] != items or np.any(np.diff(offsets) < 1):
                raise damaged(folder, name, wrong)
        if int(self.tokens.max()) >= vocabulary_size:
            raise damaged(folder, name, "tokens")

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def text(self, i: int, tokenizer: Tokenizer) -> str:
        """The words of sentence `i` from their characters, a space between them; `�` is one that is not known."""
        assert isinstance(tokenizer, TaggingTokenizer)
        return " ".join(tokenizer.spelled(ids) for ids in self.sentence(i)[1])

    def sentence(self, i: int) -> tuple[list[int], list[list[int]], list[int]]:
        """Ids of words, of their characters, and of their tags."""
        first, end = self.offsets[i : i + 2].tolist()
        ends = self.character_offsets[first : end + 1].tolist()
        characters = [self.characters[a:b].tolist() for a, b in itertools.pairwise(ends)]
        return self.tokens[first:end].tolist(), characters, self.tags[first:end].tolist()
