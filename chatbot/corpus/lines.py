"""Text files of a corpus -> decoded lines with where they stand; the frame that the line-by-line readers share.

In: a file, or a folder and the endings of the files meant. Out: (where, line) pairs, or a `CorpusError` of one line.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from chatbot.corpus.conversation import Utterance
from chatbot.corpus.counts import Counts, Progress
from chatbot.corpus.encoding import decode, refuse_utf16
from chatbot.corpus.files import CorpusFile, numbered_lines
from chatbot.corpus.normalise import repairs
from chatbot.errors import CorpusError

FIRST = 2  # lines that tell UTF-16: it has a mark at its beginning, or a zero byte beside the end of the first line
PACKED = ("", ".gz", ".xz")


def text_files(path: Path, endings: Sequence[str], expected: str) -> list[Path]:
    """`path` itself if it is a file, else the files in it or one folder below whose names end so, sorted."""
    if path.is_file():
        return [path]
    wanted = tuple(ending + packed for ending in endings for packed in PACKED)
    found = [file for pattern in ("*", "*/*") for file in path.glob(pattern) if file.name.endswith(wanted)]
    if not found:
        missing = f"no file named *{' or *'.join(endings)} in it" if path.is_dir() else "is not there"
        raise CorpusError(f"{path}: {missing}; expected {expected}")
    return sorted(found)


def text_lines(file: Path, counts: Counts, progress: Progress) -> Iterator[tuple[str, str]]:
    """Yield (file:number, the line without its end); counted as it goes. `CorpusError` for UTF-16, and its like."""
    for number, raw in numbered_lines(CorpusFile(file), progress):
        if number <= FIRST:
            refuse_utf16(raw, f"{file}:{number}")
        text, encoding = decode(raw)
        counts.read["lines"] += 1
        if encoding not in ("ascii", "utf-8"):
            counts.repaired[f"lines: decoded from {encoding}"] += 1
        yield f"{file}:{number}", text.removeprefix("\ufeff").rstrip("\r\n")


def utterance(speaker: str, raw: str, counts: Counts) -> Utterance:
    """One thing said, normalised; what was repaired is counted."""
    text, changed = repairs(raw)
    counts.repaired.update(f"utterances: {name}" for name in changed)
    counts.read["utterances"] += 1
    if not text:
        counts.read["utterances with an empty text"] += 1
    return Utterance(speaker, text)


def alike(*texts: str) -> str:
    """A short name for conversations with these texts at their beginning, which shall stay in one split."""
    return hashlib.blake2b("\n".join(texts).encode("utf-8"), digest_size=8).hexdigest()


def alternating(texts: Sequence[str], counts: Counts) -> tuple[Utterance, ...]:
    """Utterances of two speakers in turn."""
    return tuple(utterance("ab"[place % 2], text, counts) for place, text in enumerate(texts))
