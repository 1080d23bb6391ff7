"""dataset.json: read, checked, and every file it speaks of checked against it before anything is mapped.

In: a folder that may come from a stranger. Out: the parsed JSON object, or a `DatasetError` of one line.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from chatbot.data.arrays import ARRAYS, dtype_of, file_name, sizes
from chatbot.data.context import ContextSettings
from chatbot.data.splits import SPLITS
from chatbot.errors import ConfigError, DatasetError
from chatbot.settings import from_mapping
from chatbot.text.loading import FILE_NAMES

FORMAT = "chatbot dataset"
FORMAT_VERSION = 1
INFO = "dataset.json"
MAX_INFO_BYTES = 64 << 20
PREPARE = "make it with: chatbot prepare SRC --output"


def read_info(folder: Path) -> dict[str, Any]:
    """The content of `dataset.json` once its form, and the sizes of all files, are found to be right."""
    info = _parse(folder)
    where = folder / INFO
    if info.get("format") != FORMAT:
        raise DatasetError(f"{where}: not a prepared dataset (no format {FORMAT!r}); {PREPARE} {folder}")
    version = info.get("version")
    if version != FORMAT_VERSION:
        raise DatasetError(
            f"{where}: format version {version!r}, expected {FORMAT_VERSION}; "
            f"upgrade chatbot, or {PREPARE} {folder} --overwrite"
        )
    if task_of(info) not in ARRAYS:
        raise DatasetError(f"{where}: made for {task_of(info)!r:.40}, which this version knows not; upgrade chatbot")
    tokenizer = _object(info, "tokenizer", where)
    if FILE_NAMES.get(str(tokenizer.get("kind"))) != tokenizer.get("file") or not _count(tokenizer.get("size")):
        raise DatasetError(f"{where}: damaged: 'tokenizer' needs a kind of {', '.join(FILE_NAMES)}, its file and size")
    splits = _object(info, "splits", where)
    for name in SPLITS:
        _check_sizes(folder, name, task_of(info), _object(splits, name, where), tokenizer["size"])
    context_of(info, where)
    return info


def context_of(info: dict[str, Any], where: Path) -> ContextSettings:
    """The context settings the dataset was prepared with."""
    try:
        return from_mapping(ContextSettings, _object(info, "context", where), f"{where}: context")
    except ConfigError as error:
        raise DatasetError(str(error)) from error


def task_of(info: dict[str, Any]) -> str:
    """What the dataset was prepared for; those that do not say were made for dialogue."""
    return str(info.get("task", "dialogue"))


def _parse(folder: Path) -> dict[str, Any]:
    where = folder / INFO
    try:
        if where.stat().st_size > MAX_INFO_BYTES:
            raise DatasetError(f"{where}: over {MAX_INFO_BYTES:,} bytes; this is no dataset")
        info = json.loads(where.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise DatasetError(f"{folder}: no prepared dataset there (no {INFO}); {PREPARE} {folder}") from error
    except OSError as error:
        raise DatasetError(f"{where}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{where}: not JSON, or damaged; {PREPARE} {folder} --overwrite") from error
    if not isinstance(info, dict):
        raise DatasetError(f"{where}: expected a JSON object, but found a {type(info).__name__}")
    return info


def _check_sizes(folder: Path, split: str, task: str, counts: dict[str, Any], vocabulary_size: int) -> None:
    where = folder / INFO
    for name in {column.per: None for column in ARRAYS[task].values()} | {"examples": None}:
        if not _count(counts.get(name)):
            raise DatasetError(f"{where}: damaged: splits.{split}.{name} must be a number of at least 1")
    for name, items in sizes(task, counts).items():
        file = folder / file_name(split, name)
        expected = items * dtype_of(name, ARRAYS[task][name], vocabulary_size).itemsize
        try:
            found = file.stat().st_size
        except OSError as error:
            raise DatasetError(f"{file}: {error.strerror}; {PREPARE} {folder} --overwrite") from error
        if found != expected:
            raise DatasetError(
                f"{file}: {found:,} bytes, but {INFO} says {expected:,}: damaged or of another run; "
                f"{PREPARE} {folder} --overwrite"
            )


def _object(parent: dict[str, Any], name: str, where: Path) -> dict[str, Any]:
    child = parent.get(name)
    if not isinstance(child, dict):
        raise DatasetError(f"{where}: damaged: {name!r} must be an object, but is {child!r:.40}")
    return child


def _count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value < 2**40
