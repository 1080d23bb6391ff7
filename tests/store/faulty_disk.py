"""A disk that fails on demand under SQLite: a VFS that counts writes, lets some fail, and knows what power cuts leave.

SQLite's own VFS does the work; between it and SQLite stand a few functions (https://sqlite.org/vfs.html). What was
written since a file was last synced may be lost, or be there in part, in any order, when the power goes.
"""

from __future__ import annotations

import _sqlite3
import ctypes
import random
import sqlite3
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

OK = 0
P = ctypes.c_void_p
_WRITE = ctypes.CFUNCTYPE(ctypes.c_int, P, P, ctypes.c_int, ctypes.c_int64)
_TRUNCATE = ctypes.CFUNCTYPE(ctypes.c_int, P, ctypes.c_int64)
_SYNC = ctypes.CFUNCTYPE(ctypes.c_int, P, ctypes.c_int)
_OPEN = ctypes.CFUNCTYPE(ctypes.c_int, P, P, P, ctypes.c_int, P)
_DELETE = ctypes.CFUNCTYPE(ctypes.c_int, P, P, ctypes.c_int)


class Methods(ctypes.Structure):
    """sqlite3_io_methods."""

    _fields_ = (
        ("version", ctypes.c_int),
        *((name, P) for name in ("close", "read", "write", "truncate", "sync")),
        *((f"other{place}", P) for place in range(13)),
    )


class Vfs(ctypes.Structure):
    """sqlite3_vfs."""

    _fields_ = (
        *((name, ctypes.c_int) for name in ("version", "file_size", "longest_name")),
        *((name, P) for name in ("next", "name", "data", "open", "delete")),
        *((f"other{place}", P) for place in range(14)),
    )


def _library() -> ctypes.CDLL:
    """The SQLite that the module sqlite3 uses; the test is skipped where it cannot be reached."""
    library = ctypes.CDLL(getattr(_sqlite3, "__file__", None))  # its functions, or those of what it is linked with
    if not hasattr(library, "sqlite3_vfs_find"):
        pytest.skip("SQLite is part of Python here, and cannot be reached")
    library.sqlite3_vfs_find.restype = ctypes.POINTER(Vfs)
    library.sqlite3_vfs_find.argtypes = [ctypes.c_char_p]
    return library


def _path(name: int) -> Path:
    return Path(ctypes.string_at(name).decode())  # more than the name stands there, and SQLite reads it


class FaultyDisk:
    """In force within the block, for the files in a folder.

    Operation number `fail_at` (a write, truncation, sync or deletion; the first is 1) ends in `code`, and so do all
    later ones, unless it fails `once`. `operations` counts.
    """

    def __init__(self, folder: Path, fail_at: int | None = None, code: int = sqlite3.SQLITE_IOERR, once: bool = False):
        self.folder, self.fail_at, self.code, self.once = folder, fail_at, code, once
        self.operations = 0
        self._durable = {file: file.read_bytes() for file in folder.iterdir() if not file.name.endswith("-shm")}
        self._pending: list[tuple[Path, int, bytes | None]] = []  # offset and what was written; None: cut off there
        self._names: dict[int, tuple[Path, Any]] = {}  # by the address of an open file, with its methods
        self._ours: dict[int, Methods] = {}  # by the address of the methods they stand for
        self._callbacks = [_WRITE(self._write), _TRUNCATE(self._truncate), _SYNC(self._sync)]
        self._library = _library()

    def __enter__(self) -> Self:
        real = self._library.sqlite3_vfs_find(None).contents
        self._vfs = Vfs.from_buffer_copy(real)
        self._name = ctypes.create_string_buffer(b"faulty")
        self._real_open, self._real_delete = _OPEN(real.open), _DELETE(real.delete)
        self._callbacks += [_OPEN(self._open), _DELETE(self._delete)]
        self._vfs.name = ctypes.addressof(self._name)
        self._vfs.open, self._vfs.delete = (ctypes.cast(one, P).value for one in self._callbacks[3:])
        self._library.sqlite3_vfs_register(ctypes.byref(self._vfs), 1)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._library.sqlite3_vfs_unregister(ctypes.byref(self._vfs))

    @property
    def failed(self) -> bool:
        """Whether the fault has come."""
        return self.fail_at is not None and self.operations >= self.fail_at

    def power_cut(self, target: Path, draw: random.Random) -> None:
        """Make a folder of what is on the disk when the power goes now."""
        target.mkdir()
        files = {file: bytearray(content) for file, content in self._durable.items()}
        for file, offset, data in self._pending:
            content, fate = files.setdefault(file, bytearray()), draw.choice(("lost", "whole", "torn"))
            if data is None and fate == "whole":
                del content[offset:]
            elif data is not None and fate != "lost":
                part = data if fate == "whole" else data[: len(data) // 2]
                content.extend(bytes(max(0, offset + len(part) - len(content))))
                content[offset : offset + len(part)] = part
        for file, content in files.items():
            (target / file.name).write_bytes(content)

    def _fails(self) -> bool:
        self.operations += 1
        return self.failed and not (self.once and self.operations != self.fail_at)

    def _open(self, vfs: int, name: int | None, file: int, flags: int, got: int) -> int:
        code = self._real_open(vfs, name, file, flags, got)
        path = _path(name) if name else None
        if code == OK and path and path.parent == self.folder:
            methods = P.from_address(file)
            assert methods.value
            real = Methods.from_address(methods.value)
            if methods.value not in self._ours:
                ours = Methods.from_buffer_copy(real)
                ours.write, ours.truncate, ours.sync = (ctypes.cast(one, P).value for one in self._callbacks[:3])
                self._ours[methods.value] = ours
            self._names[file] = (path, real)
            self._durable.setdefault(path, b"")
            methods.value = ctypes.addressof(self._ours[methods.value])
        return int(code)

    def _write(self, file: int, data: int, amount: int, offset: int) -> int:
        path, real = self._names[file]
        if self._fails():
            return self.code
        self._pending.append((path, offset, ctypes.string_at(data, amount)))
        return int(_WRITE(real.write)(file, data, amount, offset))

    def _truncate(self, file: int, size: int) -> int:
        path, real = self._names[file]
        if self._fails():
            return self.code
        self._pending.append((path, size, None))
        return int(_TRUNCATE(real.truncate)(file, size))

    def _sync(self, file: int, flags: int) -> int:
        path, real = self._names[file]
        if self._fails():
            return self.code
        code = int(_SYNC(real.sync)(file, flags))
        self._durable[path] = path.read_bytes()
        self._pending = [one for one in self._pending if one[0] != path]
        return code

    def _delete(self, vfs: int, name: int, sync: int) -> int:
        path = _path(name)
        if path.parent != self.folder:
            return int(self._real_delete(vfs, name, sync))
        if self._fails():
            return self.code
        self._durable.pop(path, None)
        self._pending = [one for one in self._pending if one[0] != path]
        return int(self._real_delete(vfs, name, sync))
