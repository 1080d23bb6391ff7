"""Plain text -> conversations: an utterance a line, conversations parted by a line of `===`.

    ANNA: Are you coming?
    BEN: In a minute.
    ===
    You are late.
    The bus was.

Where every line of a conversation begins with a name and a colon, the names are the speakers; else two take turns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from chatbot.corpus.conversation import Conversation
from chatbot.corpus.counts import Counts, Progress, silent
from chatbot.corpus.lines import alternating, text_files, text_lines, utterance
from chatbot.errors import CorpusError

EXPECTED = "an utterance a line, and a line of === between two conversations"
_PARTING = re.compile(r"\s*={3,}\s*")
_NAMED = re.compile(r"\s*([^\s:][^:]{0,29}):\s+(\S.*)")


def read_transcripts(path: Path, counts: Counts, progress: Progress = silent) -> Iterator[Conversation]:
    """Yield the conversations of a file, or of all *.txt (.xz, .gz) of a folder. Raises `CorpusError`."""
    for file in text_files(path, (".txt",), EXPECTED):
        began, texts, parted = "", list[str](), False
        for where, line in text_lines(file, counts, progress):
            if _PARTING.fullmatch(line):
                parted = True
                if texts:
                    yield _conversation(began, texts, counts)
                texts = []
            elif line.strip():
                began = began if texts else where
                texts.append(line)
        if texts:
            yield _conversation(began, texts, counts)
        if not parted:
            raise CorpusError(f"{file}: no line of === in it, so it would be one conversation; expected {EXPECTED}")


def _conversation(where: str, texts: list[str], counts: Counts) -> Conversation:
    named = [_NAMED.fullmatch(text) for text in texts]
    if all(named):
        turns = tuple(utterance(match[1].strip(), match[2], counts) for match in named if match)
        return Conversation(where, turns, where)
    return Conversation(where, alternating(texts, counts), where)
