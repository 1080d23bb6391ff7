"""Finding the files of a corpus and reading them line by line, plain or packed (.xz, .gz, a .zip around them).

In: a folder or a .zip, and the plain name of a file. Out: (line number, bytes) pairs, or a `CorpusError` that names
the file and the line where reading stopped. Nothing is held in memory but the line at hand.
"""

from __future__ import annotations

import contextlib
import gzip
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, cast

from chatbot.corpus.counts import Progress
from chatbot.errors import CorpusError

LONGEST_LINE = 1 << 20  # bytes; the longest of the Cornell corpus has about 3,100
_BROKEN = (EOFError, OSError, RuntimeError, lzma.LZMAError, zipfile.BadZipFile, zlib.error, NotImplementedError)


@dataclass(frozen=True, slots=True)
class CorpusFile:
    """One file of a corpus; `member` is its name inside the .zip at `path`, "" when it stands alone."""

    path: Path
    member: str = ""

    def __str__(self) -> str:
        return f"{self.path}/{self.member}" if self.member else str(self.path)


def find_file(source: Path, name: str) -> CorpusFile | None:
    """The file called `name`: plain, .xz or .gz in the folder `source` or one folder below, or inside a .zip."""
    try:
        if source.is_file():
            return _find_member(source, name)
        for folder in [source, *sorted(child for child in source.iterdir() if child.is_dir())]:
            for packed in (name, f"{name}.xz", f"{name}.gz"):
                if (folder / packed).is_file():
                    return CorpusFile(folder / packed)
        for archive in sorted(source.glob("*.zip")):
            if found := _find_member(archive, name):
                return found
    except OSError as error:
        raise CorpusError(
            f"{error.filename or source}: {_one_line(error)}; give the corpus's folder or .zip"
        ) from error
    return None


def _find_member(archive: Path, name: str) -> CorpusFile | None:
    try:
        with zipfile.ZipFile(archive) as opened:
            members = sorted(opened.namelist(), key=len)
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise CorpusError(f"{archive}: not a .zip file, or a damaged one; give the corpus's folder or .zip") from error
    # The distributed .zip also holds resource forks: __MACOSX/.../._movie_lines.txt
    found = [m for m in members if m.rsplit("/", 1)[-1] == name and not m.startswith("__MACOSX/")]
    return CorpusFile(archive, found[0]) if found else None


def require_file(path: Path, expected: str) -> None:
    """Raises `CorpusError` where `path` is no plain file; `expected` says what to give."""
    if not path.is_file():
        found = "is a folder" if path.is_dir() else "is no plain file" if path.exists() else "no such file"
        raise CorpusError(f"{path}: {found}; {expected}")


def numbered_lines(file: CorpusFile, progress: Progress) -> Iterator[tuple[int, bytes]]:
    """Yield (number from 1, line with its line end); a damaged file raises where reading stopped."""
    number = 0
    try:
        with contextlib.ExitStack() as stack:
            stream, position, size = _open(file, stack)
            while line := stream.readline(LONGEST_LINE):
                number += 1
                if len(line) == LONGEST_LINE:
                    raise CorpusError(f"{file}:{number}: a line of over {LONGEST_LINE:,} bytes; this is no text file")
                if number % 2048 == 0:
                    progress(f"reading {Path(file.member or file.path).name}", position.tell(), size)
                yield number, line
    except _BROKEN as error:
        raise _stopped(file, f"{file}:{number + 1}: cannot read on", error) from error


def whole_file(file: CorpusFile, progress: Progress, limit: int) -> bytes:
    """All bytes of a file that holds at most `limit`, however long its lines are."""
    parts, length = [], 0
    try:
        with contextlib.ExitStack() as stack:
            stream, position, size = _open(file, stack)
            while part := stream.read(LONGEST_LINE):
                parts.append(part)
                length += len(part)
                if length > limit:
                    raise CorpusError(f"{file}: holds more than {limit:,} bytes; give it in several files")
                progress(f"reading {file.path.name}", position.tell(), size)
    except _BROKEN as error:
        raise _stopped(file, f"{file}: cannot read on after {length:,} bytes", error) from error
    return b"".join(parts)


def _open(file: CorpusFile, stack: contextlib.ExitStack) -> tuple[IO[bytes], IO[bytes], int]:
    """The stream of plain bytes, the stream whose position shows the progress, and the size of the latter."""
    if file.member:
        archive = stack.enter_context(zipfile.ZipFile(file.path))
        member = stack.enter_context(archive.open(file.member))
        return member, member, archive.getinfo(file.member).file_size
    raw = stack.enter_context(file.path.open("rb"))
    size = file.path.stat().st_size
    if file.path.suffix == ".xz":
        return stack.enter_context(lzma.open(raw)), raw, size
    if file.path.suffix == ".gz":
        return cast(BinaryIO, stack.enter_context(gzip.open(raw))), raw, size
    return raw, raw, size


def _stopped(file: CorpusFile, where: str, error: BaseException) -> CorpusError:
    if isinstance(error, PermissionError):
        return CorpusError(f"{file}: cannot be read: {_one_line(error)}")
    return CorpusError(f"{where}: {_one_line(error)}; the file is damaged or was cut short, fetch or copy it again")


def _one_line(error: BaseException) -> str:
    words = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return " ".join((words or type(error).__name__).split())
