"""Conversations -> lines of a file, in any of the formats; what is imported again is said of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from chatbot.errors import StoreError
from chatbot.files import file_atomically
from chatbot.store.formats.markdown import markdown
from chatbot.store.formats.messages import messages
from chatbot.store.formats.plain import plain
from chatbot.store.formats.records import dumped, record_lines
from chatbot.store.formats.spreadsheet import spreadsheet
from chatbot.store.formats.webpage import webpage
from chatbot.store.history import History
from chatbot.store.teaching import lessons

EVERYTHING, WORDS, NOTHING = "everything", "words", "nothing"  # of a conversation, that an import gets back


@dataclass(frozen=True, slots=True)
class Format:
    """A way to write conversations.

    `lines` gives the lines, without their ends, of the conversations of some numbers; told to be bare, it leaves out
    what only an import would read. `keeps` is what of a conversation an import gets back, where it was not bare.
    """

    lines: Callable[[History, Sequence[int], bool], Iterator[str]]
    keeps: str
    suffix: str


def _corpus(history: History, numbers: Sequence[int], bare: bool) -> Iterator[str]:
    """Training data; see `chatbot.store.teaching`."""
    for number in numbers:
        yield from map(dumped, lessons(history.show(number)))


FORMATS: dict[str, Format] = {  # a caller above may add to them
    "jsonl": Format(record_lines, EVERYTHING, ".jsonl"),
    "markdown": Format(markdown, EVERYTHING, ".md"),
    "html": Format(webpage, EVERYTHING, ".html"),
    "openai": Format(messages, EVERYTHING, ".json"),
    "csv": Format(spreadsheet, WORDS, ".csv"),
    "text": Format(plain, WORDS, ".txt"),
    "corpus": Format(_corpus, NOTHING, ".corpus.jsonl"),
}


def format_of(path: Path) -> str:
    """The format that the name of a file asks for; JSON lines where it says nothing."""
    return next((name for name, one in FORMATS.items() if path.suffix.lower() == one.suffix), "jsonl")


def export_lines(history: History, numbers: Sequence[int], kind: str, bare: bool = False) -> Iterator[str]:
    """Lines, without their ends, of the conversations of these numbers; `kind` is a key of FORMATS.

    `StoreError` where there is no conversation of a number.
    """
    return FORMATS[kind].lines(history, numbers, bare)


def write_export(
    history: History, numbers: Sequence[int], kind: str, path: Path, overwrite: bool, bare: bool = False
) -> None:
    """Write a file for its owner only (0600), whole or not at all; `StoreError` where that cannot be."""
    if path.exists() and not overwrite:
        raise StoreError(f"{path}: is there already and is kept; choose another name, or remove it first")
    try:
        with file_atomically(path, mode=0o600) as file:
            for line in export_lines(history, numbers, kind, bare):
                file.write(f"{line}\n".encode())
    except OSError as error:
        raise StoreError(f"{path}: cannot be written: {error.strerror or error}") from error
