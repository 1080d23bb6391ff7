"""An index of models that can be installed: a JSON object, name -> where its archive is, its checksum, what it is.

    {"en-vi": {"url": "en-vi.tar", "sha256": "...", "size": 6000000, "fingerprint": "...", "task": "translation",
               "licence": "...", "description": "..."}}

`url` may be relative to the index, which is a file or has an address itself. Only `url` and `sha256` must be there;
fields of later versions are passed over.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urljoin

from chatbot.bundle.archive import SUFFIX, read_archive
from chatbot.bundle.card import description
from chatbot.bundle.folder import BundleFiles
from chatbot.bundle.loading import bundle_of
from chatbot.bundle.parsing import plain_name
from chatbot.bundle.strict_json import strict_json
from chatbot.bundle.web import fetch, is_address
from chatbot.errors import BundleError
from chatbot.files import write_atomically

LARGEST_INDEX = 1_000_000  # bytes
INDEX_FILE = "index.json"


@dataclass(frozen=True, slots=True)
class Entry:
    """A model that an index offers. `url` is an address, or the path of a file."""

    url: str
    sha256: str
    size: int | None = None  # bytes of the archive
    fingerprint: str = ""
    task: str = ""
    licence: str = ""
    description: str = ""


def read_index(source: str) -> dict[str, Entry]:
    """The models of the index at an address or in a file; `BundleError` of one line for a wrong one."""
    if is_address(source):
        content = fetch(source, LARGEST_INDEX)
    else:
        try:
            with Path(source).expanduser().open("rb") as file:
                content = file.read(LARGEST_INDEX + 1)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise BundleError(f"{source}: the index of models cannot be read: {reason}") from error
    if len(content) > LARGEST_INDEX:
        raise BundleError(f"{source}: must hold at most {LARGEST_INDEX:,} bytes, but holds more")
    return {
        plain_name(name, f"{source}: name"): _entry(value, source, f"{source}: {name}")
        for name, value in strict_json(content, source).items()
    }


def entry_of(files: BundleFiles, archive: Path, url: str) -> dict[str, Any]:
    """What an index says of the bundle `files` that was packed as `archive`."""
    with archive.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    size, licence = archive.stat().st_size, files.config.training.get("licence")
    said = licence if isinstance(licence, str) else ""
    task, about = files.config.task, description(files.config)
    return asdict(Entry(quote(url), digest, size, files.fingerprint, task, said, about))


def write_index(folder: Path) -> dict[str, dict[str, Any]]:
    """Write `folder`/index.json of all archives in the folder, each checked; name -> entry, as written."""
    found: dict[str, dict[str, Any]] = {}
    for archive in sorted(folder.glob(f"*{SUFFIX}")):
        files = read_archive(archive)
        bundle_of(files)
        if (name := files.config.name) in found:
            raise BundleError(f"{archive}: is named {name!r}, as is {unquote(found[name]['url'])}; remove one of them")
        found[name] = entry_of(files, archive, archive.name)
    if not found:
        raise BundleError(
            f"{folder}: holds no archive (*{SUFFIX}); make one with: chatbot models pack NAME --output FILE"
        )
    content = json.dumps(found, indent=2, ensure_ascii=False) + "\n"
    try:
        write_atomically(folder / INDEX_FILE, content.encode())
    except OSError as error:
        raise BundleError(f"{folder / INDEX_FILE}: cannot be written: {error.strerror or error}") from error
    return found


def checked_sha256(value: Any, where: str) -> str:
    """A checksum as 64 hexadecimal digits, in small letters."""
    if not isinstance(value, str) or not re.fullmatch(r"[0-9a-fA-F]{64}", value):
        raise BundleError(f"{where} must be 64 hexadecimal digits, but is {str(value)[:80]!r}")
    return value.lower()


def _entry(value: Any, source: str, where: str) -> Entry:
    if not isinstance(value, Mapping):
        raise BundleError(f"{where}: must be an object with url and sha256")
    texts = {name: value.get(name, "") for name in ("url", "fingerprint", "task", "licence", "description")}
    for name, text in texts.items():
        if not isinstance(text, str):
            raise BundleError(f"{where}: {name} must be a text, but is {str(text)[:80]!r}")
    if not texts["url"]:
        raise BundleError(f"{where}: url is missing")
    size = value.get("size")
    if size is not None and (type(size) is not int or size < 0):
        raise BundleError(f"{where}: size must be a number of bytes, but is {str(size)[:80]!r}")
    url = _resolved(texts.pop("url"), source)
    return Entry(url, checked_sha256(value.get("sha256"), f"{where}: sha256"), size, **texts)


def _resolved(url: str, source: str) -> str:
    """The address or the path that is meant beside the index at `source`."""
    if is_address(url):
        return url
    if is_address(source):
        try:
            return urljoin(source, url)
        except ValueError as error:
            raise BundleError(f"{source}: {url!r} is no address: {error}") from error
    return str(Path(source).expanduser().parent / unquote(url))
