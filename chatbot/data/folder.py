"""The folder of a dataset: never half written, never in the place of anything but a dataset.

In: where the user wants it. Out: an empty folder to write into, which takes its place when all went well.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from chatbot.data.arrays import ARRAYS, file_name
from chatbot.data.info import INFO
from chatbot.data.splits import SPLITS
from chatbot.errors import DatasetError
from chatbot.files import folder_atomically, remove_leftovers
from chatbot.text.loading import FILE_NAMES

_OWN = {
    INFO,
    *FILE_NAMES.values(),
    *(file_name(split, array) for split in SPLITS for arrays in ARRAYS.values() for array in arrays),
}


@contextlib.contextmanager
def dataset_folder(path: Path, overwrite: bool) -> Iterator[Path]:
    """Yield a temporary folder that becomes `path` at the end; raises `DatasetError` if it must or can not."""
    try:
        path = path.resolve()
        remove_leftovers(path)
        _check_replaceable(path, overwrite)
        with folder_atomically(path) as folder:
            yield folder
    except OSError as error:
        reason = error.strerror or str(error)
        raise DatasetError(f"{path}: cannot write the dataset there: {reason}; choose another --output") from error


def _check_replaceable(path: Path, overwrite: bool) -> None:
    existing = next(place for place in (path, *path.parents) if place.exists())
    if not existing.is_dir():
        raise DatasetError(f"{existing}: is a file, expected a folder or nothing; choose another --output")
    if existing != path:
        return
    names = {child.name for child in path.iterdir()}
    if foreign := sorted(names - _OWN):
        raise DatasetError(f"{path}: holds {foreign[0]!r}, which no dataset has; choose another --output")
    if names and not overwrite:
        raise DatasetError(
            f"{path}: holds a dataset already; add --overwrite to replace it, or choose another --output"
        )
