"""Strings -> scalars of a YAML file that read as the same strings."""

from __future__ import annotations

import re

from chatbot.scripts.nodes import plain_scalar

_PLAIN = re.compile(r"[^\W\d_]([\w ,.!?'-]*[\w.!?'])?")  # needs no quotes, wherever it stands in a block
_SHORT = {"\n": "\\n", "\t": "\\t", '"': '\\"', "\\": "\\\\"}


def scalar(text: str, flow: bool = False) -> str:
    """The string bare where that is safe, in a flow collection or out of it, else in double quotes."""
    safe = _PLAIN.fullmatch(text) and not (flow and "," in text) and isinstance(plain_scalar(text), str)
    return text if safe else quoted(text)


def quoted(text: str) -> str:
    """The string in double quotes."""
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    """A character of a string in double quotes; what cannot be printed, by its number."""
    if character in _SHORT or character.isprintable():
        return _SHORT.get(character, character)
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
