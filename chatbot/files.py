"""Files that are whole or not there: written under a temporary name, synced, then renamed."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

LEFTOVER = re.compile(r"\.(?P<name>.+)\.(?P<process>\d+)(?P<old>\.old)?\.tmp")


def write_atomically(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Replace `path` by `content` at once; a crash leaves the old file or the new one."""
    with file_atomically(path, mode) as file:
        file.write(content)


@contextlib.contextmanager
def file_atomically(path: Path, mode: int = 0o644) -> Iterator[BinaryIO]:
    """Yield a file that becomes `path` when the block ends without an error; otherwise `path` stays as it is.

    Raises `OSError` where `path` is a folder, a device or a pipe, which must not be replaced.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        if path.exists() and not path.is_file():
            raise FileExistsError(errno.EEXIST, "Is there, and no plain file", str(path))
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        if error.filename in (None, str(temporary)):  # a full disk names no file
            error.filename = str(path)
        raise
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def folder_atomically(path: Path) -> Iterator[Path]:
    """Yield an empty temporary folder that becomes `path` when the block ends without an error.

    An old folder at `path` is replaced; whatever earlier, killed processes left beside it is removed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    remove_leftovers(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    temporary.mkdir()
    try:
        yield temporary
        for file in temporary.rglob("*"):
            if file.is_file():
                _sync(file)
        old = path.with_name(f".{path.name}.{os.getpid()}.old.tmp")
        if path.exists():
            path.rename(old)
        temporary.rename(path)
        sync_folder(path.parent)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def remove_leftovers(path: Path) -> None:
    """Remove the temporary files and folders that processes now dead left beside `path`.

    A folder that was moved aside just before its replacement arrived is moved back.
    """
    sweep(path.parent, path.name)


def sweep(folder: Path, name: str | None = None) -> None:
    """`remove_leftovers` for everything inside `folder`, or for one name."""
    for stale in sorted(folder.glob(".*.tmp")):
        parts = LEFTOVER.fullmatch(stale.name)
        if parts is None or (name and parts["name"] != name) or _alive(int(parts["process"])):
            continue
        if parts["old"] and not (folder / parts["name"]).exists():
            stale.rename(folder / parts["name"])
        elif stale.is_dir():
            shutil.rmtree(stale, ignore_errors=True)
        else:
            stale.unlink(missing_ok=True)


def sync_folder(path: Path) -> None:
    """Make renames inside a folder durable (where the platform can)."""
    if hasattr(os, "O_DIRECTORY"):
        _sync(path, os.O_RDONLY | os.O_DIRECTORY)


def _sync(path: Path, flags: int = os.O_RDONLY) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass
    return True
