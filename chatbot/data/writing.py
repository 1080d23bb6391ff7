"""What writes the texts of one split, whatever the task: its arrays, and what the audit counts of them."""

from __future__ import annotations

from dataclasses import dataclass

from chatbot.corpus.counts import Counts
from chatbot.data.arrays import SplitWriter
from chatbot.data.audit import Audit
from chatbot.data.settings import PrepareSettings
from chatbot.text.special import UNK_ID
from chatbot.text.tokenizer import Tokenizer


@dataclass(slots=True)
class Writing:
    """One split being written."""

    writer: SplitWriter
    tokenizer: Tokenizer
    settings: PrepareSettings
    counts: Counts
    audit: Audit

    def append(self, ids: list[int], text: str, words: int, **numbers: int) -> None:
        """Append the ids of a text of so many words; `numbers` are what else is kept of each utterance."""
        self.writer.add_utterance(ids, bytes=len(text.encode("utf-8")), words=words, **numbers)
        self.audit.counts["tokens"] += len(ids)
        self.audit.counts["unknown"] += ids.count(UNK_ID)
