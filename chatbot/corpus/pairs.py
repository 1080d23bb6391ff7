"""Parallel text -> conversations of two utterances: a sentence in one language, and the same in another.

In: one file of lines `source TAB target` (a third column, as in Tatoeba's, is not read), or two files of as many
lines; UTF-8, plain, .gz or .xz. A sentence's source is itself, without case and marks, so that all its translations
stay in one split.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from chatbot.corpus.conversation import Conversation, Utterance
from chatbot.corpus.counts import Counts, Progress, silent
from chatbot.corpus.encoding import utf8
from chatbot.corpus.files import CorpusFile, numbered_lines, require_file
from chatbot.corpus.normalise import repairs
from chatbot.errors import CorpusError

MOST_COLUMNS = 3  # source, target, and who wrote them
SPEAKERS = ("source", "target")
_ALPHANUMERIC = re.compile(r"[^\W_]+")


def read_pairs(paths: Sequence[Path], counts: Counts, progress: Progress = silent) -> Iterator[Conversation]:
    """Yield the pairs in the order they stand. Raises `CorpusError` with file and line.

    `counts` is filled on the way and complete when the iterator is exhausted.
    """
    lines = _columns(paths[0], progress) if len(paths) == 1 else _parallel(paths, progress)
    for where, texts in lines:
        counts.read["lines"] += 1
        sides = []
        for speaker, text in zip(SPEAKERS, texts, strict=True):
            normalised, changed = repairs(text)
            counts.repaired.update(f"sentences: {name}" for name in changed)
            sides.append(Utterance(speaker, normalised))
        if all(side.text for side in sides):
            yield Conversation(where, tuple(sides), sentence_key(sides[0].text))
        else:
            counts.dropped["pairs: one side empty" if any(side.text for side in sides) else "lines: blank"] += 1
    if not counts.read["lines"]:
        raise CorpusError(f"{paths[0]}: there is nothing in it; expected a source, a tab and a target on each line")


def sentence_key(text: str) -> str:
    """The same for sentences that differ only in case, marks and spaces; sentences of marks keep theirs."""
    return " ".join(_ALPHANUMERIC.findall(text.lower())) or text


def _columns(path: Path, progress: Progress) -> Iterator[tuple[str, tuple[str, str]]]:
    for where, line in _lines(path, progress):
        cells = line.split("\t")
        if line.strip() and not 2 <= len(cells) <= MOST_COLUMNS:
            wanted = "expected a source, a tab and a target"
            if len(cells) == 1:
                raise CorpusError(f"{where}: 1 column, {wanted}; two files of sentences are given as two SRC")
            raise CorpusError(f"{where}: {len(cells)} columns, {wanted}, then one more at most; cut the others out")
        yield where, (cells[0], "".join(cells[1:2]))


def _parallel(paths: Sequence[Path], progress: Progress) -> Iterator[tuple[str, tuple[str, str]]]:
    first, second = paths
    for source, target in itertools.zip_longest(_lines(first, progress), _lines(second, silent)):
        if source is None or target is None:
            longer, shorter = (second, first) if source is None else (first, second)
            raise CorpusError(f"{longer}: has more lines than {shorter}; expected a translation on the same line")
        yield source[0], (source[1], target[1])


def _lines(path: Path, progress: Progress) -> Iterator[tuple[str, str]]:
    """Where each line stands, and its text without the line end."""
    require_file(path, "give one of lines `source TAB target`, or two parallel ones")
    for number, raw in numbered_lines(CorpusFile(path), progress):
        where = f"{path}:{number}"
        yield where, utf8(raw, where, number == 1).rstrip("\r\n")
