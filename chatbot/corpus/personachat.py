"""Persona-Chat, or any dialogue in ParlAI's text format -> conversations.

    1 your persona: i like boats .
    2 hello , how are you ?<TAB>i am well .

The number begins again at 1 with every dialogue; a line holds what the partner said and what was answered, and further
fields are left out, as are personas. (Zhang et al. 2018, "Personalizing Dialogue Agents".)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from chatbot.corpus.conversation import Conversation
from chatbot.corpus.counts import Counts, Progress, silent
from chatbot.corpus.detokenise import detokenise
from chatbot.corpus.lines import alike, alternating, text_files, text_lines
from chatbot.errors import CorpusError

EXPECTED = "numbered lines: NUMBER partner's words TAB reply, the number beginning again at 1 with every dialogue"
_LINE = re.compile(r"(\d{1,6}) (.*)")
_PERSONA = re.compile(r"(?:your|partner's) persona:")


def read_personachat(path: Path, counts: Counts, progress: Progress = silent) -> Iterator[Conversation]:
    """Yield the conversations of a file, or of all *.txt (.xz, .gz) of a folder. Raises `CorpusError`."""
    for file in text_files(path, (".txt",), EXPECTED):
        began, texts = "", list[str]()
        for where, line in text_lines(file, counts, progress):
            match = _LINE.fullmatch(line)
            if match is None:
                if not line.strip():
                    continue
                raise CorpusError(f"{where}: found {line[:40]!r}; expected {EXPECTED}")
            if match[1] == "1" and texts:
                yield _conversation(began, texts, counts)
                texts = []
            said, tab, answer = match[2].partition("\t")
            if tab:
                began = began if texts else where
                texts += [said, answer.split("\t")[0]]
            elif _PERSONA.match(said):
                counts.dropped["lines: a persona"] += 1
            else:
                raise CorpusError(f"{where}: no TAB in {line[:40]!r}; expected {EXPECTED}")
        if texts:
            yield _conversation(began, texts, counts)


def _conversation(where: str, texts: list[str], counts: Counts) -> Conversation:
    turns = alternating([detokenise(text) for text in texts], counts)
    return Conversation(where, turns, alike(*(turn.text for turn in turns[:2])))
