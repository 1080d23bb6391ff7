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
from chatbot.corpus.counts import Counts
from chatbot.data.arrays import SplitWriter, damaged, mapped
from chatbot.data.audit import Audit
from chatbot.data.settings import PrepareSettings
from chatbot.text.special import UNK_ID
from chatbot.text.tagging_tokenizer import TaggingTokenizer
from chatbot.text.tokenizer import Tokenizer


class SentenceWriter:
    """Writes the sentences of one split."""

    def __init__(
        self, writer: SplitWriter, tokenizer: Tokenizer, settings: PrepareSettings, counts: Counts, audit: Audit
    ) -> None:
        assert isinstance(tokenizer, TaggingTokenizer)
        self.writer, self.tokenizer, self.settings = writer, tokenizer, settings
        self.counts, self.audit, self._ends = counts, audit, 0

    def add(self, conversation: Conversation) -> None:
        """Append a sentence."""
        words, tags = (turn.text.split(" ") for turn in conversation.utterances)
        unknown = [tag for tag in tags if tag not in self.tokenizer.tag_ids]
        self.counts.dropped["tags: of a label that training has not, read as O"] += len(unknown)
        ids, text = self.tokenizer.word_ids(words), conversation.utterances[0].text
        self.writer.add_utterance(ids, bytes=len(text.encode("utf-8")), words=len(words))
        self.writer.extend("tags", [self.tokenizer.tag_ids.get(tag, 0) for tag in tags])
        for word in words:
            characters = self.tokenizer.character_ids(word)
            self._ends += len(characters)
            self.writer.extend("characters", characters)
            self.writer.extend("character_offsets", [self._ends])
        self.writer.characters = self._ends
        self.writer.examples += 1
        self.writer.conversations += 1
        self.audit.counts["tokens"] += len(ids)
        self.audit.counts["unknown"] += ids.count(UNK_ID)
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
