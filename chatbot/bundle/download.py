"""An address -> a file, begun where an earlier attempt broke off.

What has come lies in a part file; a small file beside it says of what it is a part: the address, and the ETag or date
that the server gave (RFC 9110, section 13). A server that knows no ranges, or has another file by now, begins again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from chatbot.bundle.strict_json import strict_json
from chatbot.bundle.web import UNSATISFIABLE, Answer, Interrupted, answer, length_of, pieces
from chatbot.errors import BundleError
from chatbot.files import write_atomically

ATTEMPTS = 5  # in a row; each but the last must have brought something

Progress = Callable[[int, int | None], None]  # bytes that are there, bytes of the whole where they are known


@dataclass(frozen=True, slots=True)
class Origin:
    """What a part is a part of."""

    url: str
    validator: str = ""  # a strong ETag or a date; without one a part cannot be continued


class Part:
    """The part file of one address, in a folder."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.path = folder / f".{hashlib.sha256(url.encode()).hexdigest()[:16]}.part"
        self.note = self.path.with_suffix(".part.json")

    @property
    def size(self) -> int:
        """Bytes that are there."""
        with contextlib.suppress(OSError):
            return self.path.stat().st_size
        return 0

    def origin(self) -> Origin:
        """What the part is of, as far as that was noted."""
        with contextlib.suppress(OSError, BundleError, TypeError):
            known = Origin(**strict_json(self.note.read_bytes(), ""))
            if known.url == self.url and isinstance(known.validator, str) and known.validator.isprintable():
                return known
        return Origin(self.url)

    def begin(self, origin: Origin) -> None:
        """Forget what was there, and note what comes now."""
        self.path.unlink(missing_ok=True)
        write_atomically(self.note, json.dumps(asdict(origin)).encode(), 0o600)

    def remove(self) -> None:
        """Leave nothing behind."""
        self.path.unlink(missing_ok=True)
        self.note.unlink(missing_ok=True)

    def left(self) -> str:
        """The end of an error line: what is there to go on with; a part that cannot be continued is removed."""
        if self.size and self.origin().validator:
            return f"the {self.size:,} bytes that came are kept; type the same line again to go on from there"
        self.remove()
        return "nothing is kept; type the same line again to begin anew"


def download(part: Part, limit: int, size: int | None, progress: Progress) -> None:
    """Make the part the whole file, of at most `limit` bytes, and of `size` where that is known before.

    Goes on from what is there; a connection that breaks is made anew, as long as each brings something. A `BundleError`
    says what failed, and whether the same can be tried again.
    """
    part.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for attempt in range(1, ATTEMPTS + 1):
        before = part.size
        try:
            _attempt(part, limit, size, progress)
            return
        except Interrupted as error:
            if attempt == ATTEMPTS or part.size <= before:
                raise BundleError(f"{part.url}: the connection broke: {error}; {part.left()}") from error
        except OSError as error:
            why = error.strerror or str(error)
            raise BundleError(f"{part.path}: cannot be written: {why}; {part.left()}") from error


def _attempt(part: Part, limit: int, size: int | None, progress: Progress) -> None:
    known, have = part.origin(), part.size
    headers = {"Range": f"bytes={have}-", "If-Range": known.validator} if have and known.validator else {}
    with answer(part.url, headers) as found:
        if found.status == UNSATISFIABLE and _total(found) == have:
            return  # all of it is there
        if headers and (found.status == UNSATISFIABLE or (found.status == 206 and _first(found) != have)):
            part.remove()  # it is no part of what is there now
            return _attempt(part, limit, size, progress)
        if found.status != 206 or not headers:
            have = 0
            part.begin(Origin(part.url, _validator(found)))
        length = length_of(found)
        whole = None if length is None else have + length
        _check_size(part, whole, limit, size)
        _append(part, found, have, min(limit, size or limit), lambda done: progress(done, whole))
    if whole is not None and part.size < whole:
        raise Interrupted(f"{part.size:,} of {whole:,} bytes came")
    _check_size(part, part.size, limit, size)


def _append(part: Part, found: Answer, have: int, limit: int, progress: Callable[[int], None]) -> None:
    """Write what comes behind the `have` bytes that are there."""
    descriptor = os.open(part.path, os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.truncate(have)
        file.seek(have)
        progress(have)
        for piece in pieces(found):
            have += len(piece)
            if have > limit:
                break
            file.write(piece)
            progress(have)
        file.flush()
        os.fsync(file.fileno())
    if have > limit:
        _check_size(part, have, limit, None)


def _check_size(part: Part, whole: int | None, limit: int, size: int | None) -> None:
    if whole is not None and whole > limit:
        part.remove()
        raise BundleError(f"{part.url}: must hold at most {limit:,} bytes, but holds {whole:,} or more")
    if whole is not None and size is not None and whole != size:
        part.remove()
        raise BundleError(f"{part.url}: must hold {size:,} bytes, as the index says, but holds {whole:,}")


def _validator(found: Answer) -> str:
    """What can be asked for with If-Range: a strong ETag, else the time of the last change."""
    tag = found.headers.get("ETag", "")
    return tag if re.fullmatch(r'"[\x21-\x7e]*"', tag) else found.headers.get("Last-Modified", "")


def _first(found: Answer) -> int | None:
    """The place of the first byte of a 206."""
    said = re.match(r"bytes (\d{1,15})-", found.headers.get("Content-Range", ""))
    return int(said[1]) if said else None


def _total(found: Answer) -> int | None:
    """The bytes of the whole, of which a 416 says that the range lies beyond."""
    said = re.fullmatch(r"bytes \*/(\d{1,15})", found.headers.get("Content-Range", ""))
    return int(said[1]) if said else None
