"""A bundle <-> one file: a tar archive, uncompressed, so that the same bundle is the same bytes on every machine.

It holds the bundle's files in one folder and, last, the checksums of them all, as `sha256sum` writes them. An archive
from a stranger is read into memory, file by file, each within the limit it has in a bundle's folder. Nothing is
unpacked: no name in it becomes a path, and a link, a device or a file that belongs to no bundle is refused.
"""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

from chatbot.bundle.folder import (
    CARD_FILE,
    CONFIG_FILE,
    LARGEST_CARD,
    LARGEST_TOKENIZER,
    BundleFiles,
    files_from,
)
from chatbot.bundle.header import LONGEST_HEADER
from chatbot.bundle.parsing import LARGEST_CONFIG
from chatbot.bundle.schema import MOST_PARAMETERS
from chatbot.errors import BundleError
from chatbot.files import file_atomically

SUFFIX = ".tar"
SUMS_FILE = "SHA256SUMS"
LARGEST_SUMS = 1000  # bytes
LARGEST_ARCHIVE = 4 * MOST_PARAMETERS + LONGEST_HEADER + LARGEST_TOKENIZER + LARGEST_CONFIG + LARGEST_CARD + 100_000
MOST_ENTRIES = 8  # a folder and five files are what an archive has

Members = Mapping[str, tarfile.TarInfo]


def write_archive(files: BundleFiles, output: Path) -> None:
    """Write a bundle as the archive `output`, there whole or not at all, in a folder that is made where it is missing.

    Raises `BundleError` where it cannot be written.
    """
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with (
            file_atomically(output) as file,
            tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive,
        ):
            for name, content in {**files.content, SUMS_FILE: checksums(files)}.items():
                entry = tarfile.TarInfo(f"{files.config.name}/{name}")  # owner 0, time 0, mode 0644
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
    except OSError as error:
        raise BundleError(f"{output}: cannot be written: {error.strerror or error}") from error


def read_archive(path: Path) -> BundleFiles:
    """The bundle in the archive `path`; `BundleError` says what in it is missing, wrong or too large."""
    try:
        if not path.is_file():
            raise BundleError(f"{path}: there is no such file; expected a model's archive")
        if (size := path.stat().st_size) > LARGEST_ARCHIVE:
            raise BundleError(f"{path}: must hold at most {LARGEST_ARCHIVE:,} bytes, but holds {size:,}")
        with tarfile.open(path, "r:") as archive:
            members = _members(archive, path)

            def read(name: str, limit: int) -> bytes:
                return _content(archive, members.get(name), path / name, limit)

            card = read(CARD_FILE, LARGEST_CARD).decode("utf-8", errors="replace") if CARD_FILE in members else ""
            files = files_from(path, read, card)
            sums = read(SUMS_FILE, LARGEST_SUMS)
    except (tarfile.TarError, ValueError, EOFError, OverflowError) as error:
        raise BundleError(f"{path}: is no model's archive, or is cut off or damaged ({error})") from error
    except OSError as error:
        raise BundleError(f"{path}: cannot be read: {error.strerror or error}") from error
    if unknown := sorted(set(members) - {*files.content, SUMS_FILE}):
        raise BundleError(f"{path}: holds {unknown[0]!r}, which belongs to no bundle")
    if sums != checksums(files):
        raise BundleError(f"{path}: is damaged: the files in it are not those of its {SUMS_FILE}; get it again")
    return files


def checksums(files: BundleFiles) -> bytes:
    """The checksum and the name of each file, a line each."""
    lines = (f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.content.items())
    return "".join(lines).encode("ascii")


def _members(archive: tarfile.TarFile, path: Path) -> Members:
    """Name within the bundle -> entry, of plain files that all lie in one folder, or in none."""
    found: dict[str, tarfile.TarInfo] = {}
    folders: set[str] = set()
    for number, entry in enumerate(archive, start=1):
        if number > MOST_ENTRIES:
            raise BundleError(f"{path}: holds more than {MOST_ENTRIES} entries; is it a model's archive?")
        folder, _, name = entry.name.removeprefix("./").rpartition("/")
        if entry.isdir():
            folder, name = entry.name.removeprefix("./"), ""
        elif entry.type not in (tarfile.REGTYPE, tarfile.AREGTYPE):
            raise BundleError(f"{path}: {entry.name!r} is not a plain file")
        elif not name or name in found:
            raise BundleError(f"{path}: {entry.name!r} has no name or stands twice")
        else:
            found[name] = entry
        folders.add(folder)
        if len(folders) > 1 or "/" in folder or folder == "..":
            raise BundleError(f"{path}: {entry.name!r} does not lie in the one folder of a bundle")
    if CONFIG_FILE not in found:
        raise BundleError(f"{path}: holds no {CONFIG_FILE}; is it a model's archive?")
    return found


def _content(archive: tarfile.TarFile, entry: tarfile.TarInfo | None, where: Path, limit: int) -> bytes:
    """The bytes of one file, of at most `limit`: its size is looked at before it is read."""
    if entry is None:
        raise BundleError(f"{where}: the file is missing from the bundle")
    if entry.size > limit:
        raise BundleError(f"{where}: must hold at most {limit:,} bytes, but holds {entry.size:,}")
    file = archive.extractfile(entry)
    content = file.read() if file else b""
    if len(content) != entry.size:
        raise BundleError(f"{where}: must hold {entry.size:,} bytes, but is cut off after {len(content):,}")
    return content
