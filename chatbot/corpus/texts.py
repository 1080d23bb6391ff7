"""Plain text, a column of a CSV file or fields of JSON records -> texts, each a conversation of one utterance.

In: a .csv file with a header, a .json file with a list of objects, a .jsonl file of one a line, or else running text;
each may be packed as .gz or .xz. Running text is cut at empty lines into sections, which are numbered in their order.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from chatbot.corpus.conversation import Conversation, Utterance
from chatbot.corpus.counts import Counts, Progress, silent
from chatbot.corpus.encoding import refuse_utf16
from chatbot.corpus.files import CorpusFile, require_file, whole_file
from chatbot.corpus.normalise import normalise_lines
from chatbot.errors import CorpusError
from chatbot.settings import suggest

SECTIONS = 50  # that running text is cut into, about
SHORTEST_SECTION = 200  # characters
LARGEST_TEXT = 1 << 30  # bytes, of what is read whole
_FIELD = re.compile(r"\{([^{}]+)\}")
_PACKED = (".gz", ".xz")


SECTIONED = "text"


def kind_of(path: Path) -> str:
    """ "csv", "json", "jsonl" or "text", by the file's name."""
    suffixes = [suffix for suffix in path.suffixes if suffix not in _PACKED]
    last = suffixes[-1][1:].lower() if suffixes else ""
    return last if last in ("csv", "json", "jsonl") else SECTIONED


def read_texts(
    path: Path, counts: Counts, progress: Progress = silent, field: str = "", template: str = ""
) -> Iterator[Conversation]:
    """Yield the texts at `path`, each once. Raises `CorpusError` with the file and the line or record.

    Of records, the text is what `field` holds, or `template` with {fields} in it filled in; lists are joined by spaces.
    """
    kind = kind_of(path)
    require_file(path, "give a text, .csv, .json or .jsonl file")
    if kind == SECTIONED:
        if field or template:
            raise CorpusError(f"{path}: is running text, which has no fields; leave --field and --template out")
        yield from _sections(_content(path, progress), path, counts)
        return
    template = template or (f"{{{field}}}" if field else "")
    if not _FIELD.search(template):
        wrong = f"--template {template[:40]!r} names no {{field}}" if template else "the text's field is not named"
        raise CorpusError(f"{path}: {wrong}; name one with --field, or several with --template 'A {{b}}: {{c}}'")
    seen: set[bytes] = set()
    for where, record in _records(path, kind, progress):
        counts.read["records"] += 1
        text = normalise_lines(_filled(template, record, where))
        digest = hashlib.blake2b(text.encode("utf-8"), digest_size=8).digest()
        if not text or digest in seen:
            counts.dropped["texts: repeated" if text else "texts: empty"] += 1
            continue
        seen.add(digest)
        yield Conversation(where, (Utterance("", text),), text)


def _sections(text: str, path: Path, counts: Counts) -> Iterator[Conversation]:
    """Paragraphs in order, put together until they make a section; `source` is its number."""
    text = normalise_lines(text)
    counts.read["characters"] += len(text)
    least = max(SHORTEST_SECTION, len(text) // SECTIONS)
    number, kept = 0, ""
    for paragraph in text.split("\n\n"):
        kept = f"{kept}\n\n{paragraph}" if kept else paragraph
        while len(kept) >= least:
            cut = len(kept) if len(kept) < 2 * least else max(kept.rfind("\n", 0, least), kept.rfind(" ", 0, least)) + 1
            cut = cut or least
            yield _section(path, number, kept[:cut])
            number, kept = number + 1, kept[cut:]
    if kept:
        yield _section(path, number, kept)


def _section(path: Path, number: int, text: str) -> Conversation:
    return Conversation(f"{path}: section {number}", (Utterance("", text.strip("\n")),), f"section {number:06d}")


def _content(path: Path, progress: Progress) -> str:
    raw = whole_file(CorpusFile(path), progress, LARGEST_TEXT)
    refuse_utf16(raw, str(path))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise CorpusError(f"{path}:{line}: not UTF-8; convert the file first") from None


def _records(path: Path, kind: str, progress: Progress) -> Iterator[tuple[str, Mapping[str, Any]]]:
    text = _content(path, progress)
    if kind == "csv":
        yield from _csv(text, path)
        return
    for where, record in _json_lines(text, path) if kind == "jsonl" else _json_list(text, path):
        if not isinstance(record, dict):
            raise CorpusError(f"{where}: must be an object, but is {str(record)[:40]!r}")
        yield where, record


def _json_list(text: str, path: Path) -> Iterator[tuple[str, Any]]:
    found = _json(text, str(path), "a list of objects")
    if not isinstance(found, list) or not found:
        raise CorpusError(f"{path}: expected a list of objects, but it is {str(found)[:40]!r}")
    yield from ((f"{path}: record {number}", record) for number, record in enumerate(found, start=1))


def _json_lines(text: str, path: Path) -> Iterator[tuple[str, Any]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield f"{path}:{number}", _json(line, f"{path}:{number}", "an object on each line")


def _json(text: str, where: str, expected: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        place = f" (line {error.lineno})" if "\n" in text else ""
        raise CorpusError(f"{where}: not JSON: {error.msg}{place}; expected {expected}") from None
    except (ValueError, RecursionError) as error:
        raise CorpusError(f"{where}: not JSON: {str(error)[:100]}; expected {expected}") from None


def _csv(text: str, path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    csv.field_size_limit(LARGEST_TEXT)  # a field may be a whole book
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        for record in reader:
            yield f"{path}:{reader.line_num}", {name: value for name, value in record.items() if name is not None}
    except csv.Error as error:
        where = f"{path}:{max(1, reader.line_num)}"
        raise CorpusError(f"{where}: not CSV: {error}; expected a header and quoted fields") from None


def _filled(template: str, record: Mapping[str, Any], where: str) -> str:
    def value(match: re.Match[str]) -> str:
        if match[1] not in record:
            raise CorpusError(f"{where}: no field {match[1]!r}; {suggest(match[1], map(str, record))}")
        found = record[match[1]]
        parts = found if isinstance(found, list) else [found]
        return " ".join(str(part) for part in parts if part is not None)

    return _FIELD.sub(value, template)
