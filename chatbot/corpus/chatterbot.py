"""YAML files of question and answer, as in the ChatterBot language training corpus -> conversations.

    categories: [greetings]
    conversations:
    - - Hello
      - Hi there

Every entry is a list of two or more texts said in turn; anything else is counted and left out.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chatbot.corpus.conversation import Conversation
from chatbot.corpus.counts import Counts, Progress, silent
from chatbot.corpus.lines import alike, alternating, text_files, text_lines
from chatbot.errors import CorpusError

EXPECTED = "a mapping with `conversations`, a list of lists of texts"
LARGEST = 16 << 20  # characters of one file


def read_chatterbot(path: Path, counts: Counts, progress: Progress = silent) -> Iterator[Conversation]:
    """Yield the conversations of a file, or of all *.yml and *.yaml of a folder. Raises `CorpusError`."""
    for file in text_files(path, (".yml", ".yaml"), f"YAML files: {EXPECTED}"):
        found = _parsed(file, counts, progress)
        entries = found.get("conversations") if isinstance(found, dict) else None
        if not isinstance(entries, list):
            raise CorpusError(f"{file}: no list of conversations; expected {EXPECTED}")
        for place, entry in enumerate(entries, 1):
            if (
                isinstance(entry, list)
                and len(entry) > 1
                and all(isinstance(text, str | int | float) for text in entry)
            ):
                turns = alternating([str(text) for text in entry], counts)
                yield Conversation(f"{file}: {place}", turns, alike(turns[0].text))
            else:
                counts.dropped["entries: not a list of two or more texts"] += 1


def _parsed(file: Path, counts: Counts, progress: Progress) -> Any:
    """The content of a file; aliases are refused, since they can stand for gigabytes."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError
    from ruamel.yaml.tokens import AliasToken

    text = "\n".join(line for _, line in text_lines(file, counts, progress))
    if len(text) > LARGEST:
        raise CorpusError(f"{file}: over {LARGEST:,} characters; cut it into several files")
    try:
        reader = YAML(typ="safe", pure=True)
        if any(isinstance(token, AliasToken) for token in reader.scan(io.StringIO(text))):
            raise CorpusError(f"{file}: holds YAML aliases (*name); write the texts out")
        return YAML(typ="safe", pure=True).load(text)
    except (YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{file}:{mark.line + 1}" if mark else str(file)
        raise CorpusError(f"{where}: not readable YAML; expected {EXPECTED}") from error
