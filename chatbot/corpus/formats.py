"""The corpus formats that can be read, by the names that `--format` takes, and which of them a path looks like."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from chatbot.corpus.chatterbot import read_chatterbot
from chatbot.corpus.conversation import Conversation
from chatbot.corpus.cornell import read_cornell
from chatbot.corpus.counts import Counts, Progress
from chatbot.corpus.dailydialog import read_dailydialog
from chatbot.corpus.jsonl import read_jsonl
from chatbot.corpus.personachat import read_personachat
from chatbot.corpus.records import read_csv, read_mapped_jsonl, read_tsv
from chatbot.corpus.transcripts import read_transcripts
from chatbot.errors import CorpusError, UsageError

Reader = Callable[[Path, Counts, Progress], Iterator[Conversation]]
FieldsReader = Callable[[Path, Counts, Progress, Mapping[str, str]], Iterator[Conversation]]

READERS: dict[str, Reader] = {
    "cornell": read_cornell,
    "jsonl": read_jsonl,
    "dailydialog": read_dailydialog,
    "personachat": read_personachat,
    "chatterbot": read_chatterbot,
    "text": read_transcripts,
    "tsv": lambda path, counts, progress: read_tsv(path, counts, progress, {}),
    "csv": lambda path, counts, progress: read_csv(path, counts, progress, {}),
}
WITH_FIELDS: dict[str, FieldsReader] = {"csv": read_csv, "tsv": read_tsv, "jsonl": read_mapped_jsonl}

# Names of files that tell a format, the first that fits; a folder of none is read as Cornell, whose errors say most.
_SIGNS = (
    ("cornell", ("movie_lines.txt*", "*/movie_lines.txt*", "*.zip")),
    ("dailydialog", ("dialogues*.txt*", "*/dialogues*.txt*")),
    ("personachat", ("*_no_cands.txt*", "*_original.txt*", "*_revised.txt*")),
    ("chatterbot", ("*.yml*", "*.yaml*", "*/*.yml*")),
    ("jsonl", ("*.jsonl*",)),
    ("tsv", ("*.tsv*",)),
    ("csv", ("*.csv*",)),
    ("text", ("*.txt*",)),
)


def reader(name: str, fields: Mapping[str, str]) -> Reader:
    """The reader of a format, told what the fields mean. Raises `UsageError` where the format has no fields."""
    if not fields:
        return READERS[name]
    if name not in WITH_FIELDS:
        raise UsageError(f"--fields: the format {name} has no fields to name; expected one of {', '.join(WITH_FIELDS)}")
    return lambda path, counts, progress: WITH_FIELDS[name](path, counts, progress, fields)


def format_of(path: Path) -> str:
    """The format that the names of a file, or of the files in a folder, speak for. Raises `CorpusError`."""
    if found := sign_of(path):
        return found
    if path.is_file():
        raise CorpusError(
            f"{path}: its name tells no format; let it end in .jsonl, .tsv, .csv, .yml, .txt or .zip, or name the "
            "format: chatbot prepare --format"
        )
    return "cornell"


def sign_of(path: Path) -> str:
    """The same, "" where the names speak for none."""
    for name, patterns in _SIGNS:
        if path.is_file() and any(path.match(pattern) for pattern in patterns if "/" not in pattern):
            return name
        if path.is_dir() and any(next(path.glob(pattern), None) for pattern in patterns):
            return name
    return ""
