"""Bytes of a corpus line -> text, and the encoding it was in.

The Cornell files are cp1252 with a stray line of UTF-8; copies of them are often UTF-8 throughout. A line of valid
UTF-8 is practically never anything else, so UTF-8 is tried first, then cp1252, then cp1252 with latin-1 for the five
bytes that cp1252 leaves undefined (81 8d 8f 90 9d; the control characters this gives are dropped by `normalise`).
"""

from __future__ import annotations

import codecs

from chatbot.errors import CorpusError

_UNDEFINED = {0xDC00 + byte: byte for byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}


def decode(raw: bytes) -> tuple[str, str]:
    """The text and "ascii", "UTF-8", "cp1252" or "cp1252, latin-1 where undefined"; never raises."""
    if raw.isascii():
        return raw.decode("ascii"), "ascii"
    for encoding, name in (("utf-8-sig", "UTF-8"), ("cp1252", "cp1252")):
        try:
            return raw.decode(encoding), name
        except UnicodeDecodeError:
            pass
    return raw.decode("cp1252", "surrogateescape").translate(_UNDEFINED), "cp1252, latin-1 where undefined"


def utf8(raw: bytes, where: str, first: bool) -> str:
    """The text of a line that must be UTF-8, the `first` one without its mark; `CorpusError` names what it is not."""
    refuse_utf16(raw, where)
    try:
        return raw.decode("utf-8-sig" if first else "utf-8")
    except UnicodeDecodeError as error:
        raise CorpusError(f"{where}: not UTF-8 (byte {error.start + 1} of the line); convert the file first") from None


def refuse_utf16(raw: bytes, where: str) -> None:
    """`CorpusError` for bytes that begin with a mark of UTF-16, or hold zero bytes, as most of it does."""
    if b"\0" in raw or raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise CorpusError(f"{where}: looks like UTF-16; convert the file first: iconv -f UTF-16 -t UTF-8")
