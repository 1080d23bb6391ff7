"""A file of word vectors -> words and their numbers; or the words alone, for a vocabulary that is to know them.

In: text of a word and its numbers a line, single spaces between them, as GloVe's, word2vec's header allowed; plain,
.gz or .xz.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from chatbot.corpus.counts import silent
from chatbot.corpus.files import CorpusFile, numbered_lines, require_file
from chatbot.errors import CorpusError


def vector_lines(path: Path) -> Iterator[tuple[int, str, list[str]]]:
    """Line number, word, and its numbers as they are spelled. Raises `CorpusError`."""
    require_file(path, "give one of a word and its numbers on each line")
    for number, raw in numbered_lines(CorpusFile(path), silent):
        word, *numbers = raw.decode("utf-8", errors="replace").rstrip("\r\n").split(" ")
        if number == 1 and len(numbers) == 1:
            continue  # word2vec's header
        yield number, word, numbers


def vector_words(path: Path) -> Iterator[str]:
    """The words of the file, in its order; `CorpusError` where a line has no numbers."""
    for number, word, numbers in vector_lines(path):
        if len(numbers) < 2:
            raise CorpusError(f"{path}:{number}: no vector; expected a word and its numbers, a space between them")
        yield word
