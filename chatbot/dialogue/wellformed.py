"""Text as a terminal or a stranger may give it -> text that every tokenizer and every database accepts."""

from __future__ import annotations

import re

_BROKEN = re.compile("[\x00\ud800-\udfff]")


def well_formed(text: str) -> str:
    """The text with each lone surrogate and each NUL character replaced by U+FFFD; anything else is kept."""
    return _BROKEN.sub("\ufffd", text)
