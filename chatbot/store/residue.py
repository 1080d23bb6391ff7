"""Files and texts -> how often bytes of the texts are in a file, in each way a database may write them.

That is as UTF-8, as it is and without capitals (as an index keeps words), and as JSON escapes it. Bytes of ASCII
capitals and small letters count as the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

SHORTEST = 4  # bytes; what is shorter may be anywhere by chance
MOST = 200  # texts that are looked for, the longest
LONGEST = 1000  # bytes of a text that are looked for: a database breaks longer ones over its pages

_CHUNK = 1 << 22


def needles(texts: Iterable[str]) -> set[bytes]:
    """The bytes to look for."""
    longest = sorted(texts, key=len, reverse=True)[:MOST]
    spelled = {way for text in longest for way in (text, text.casefold(), " ".join(text.casefold().split()))}
    found = {text.encode("utf-8", "replace") for text in spelled} | {
        json.dumps(text)[1:-1].encode() for text in spelled
    }
    return {one[:LONGEST].lower() for one in found if len(one) >= SHORTEST}


def counted(path: Path, wanted: set[bytes]) -> int | None:
    """How often any of some bytes are in a file; None where it cannot be read."""
    overlap = max(map(len, wanted), default=1) - 1
    found, kept = 0, b""
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                part = kept + chunk.lower()
                found += sum(part.count(one) for one in wanted)
                kept = part[len(part) - overlap :] if overlap else b""
                found -= sum(kept.count(one) for one in wanted)  # counted again with the next part
    except OSError:
        return None
    return found + sum(kept.count(one) for one in wanted)
