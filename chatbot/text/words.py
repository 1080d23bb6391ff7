"""What counts as a word in every measure: a run of letters and digits, perhaps with an apostrophe, or any one mark."""

from __future__ import annotations

import re

WORD = r"\w+(?:'\w+)?|[^\w\s]"
_WORD = re.compile(WORD)


def count_words(text: str) -> int:
    """Words of a text, punctuation marks among them."""
    return len(_WORD.findall(text))
