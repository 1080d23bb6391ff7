"""The corpus formats that can be read, by the names that `--format` takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from chatbot.corpus.conversation import Conversation
from chatbot.corpus.cornell import read_cornell
from chatbot.corpus.counts import Counts, Progress
from chatbot.corpus.jsonl import read_jsonl

Reader = Callable[[Path, Counts, Progress], Iterator[Conversation]]

READERS: dict[str, Reader] = {"cornell": read_cornell, "jsonl": read_jsonl}
