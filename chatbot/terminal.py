"""Text from outside -> text that is safe to print: nothing in it can move the cursor, colour, or reorder a line.

One scheme: each unsafe character becomes its Python escape (ESC is \\x1b, a tab \\t, a right-to-left override \\u202e).
Letters of every script, emoji with joiners and variation selectors, and flags pass unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_FLAG = "\U0001f3f4[\U000e0020-\U000e007e]{1,16}\U000e007f"  # regional flags are spelled with tag characters
_UNSAFE = (
    "\x00-\x1f\x7f-\x9f"  # C0, DEL, C1
    "\u2028\u2029"  # line and paragraph separators
    "\u202a-\u202e\u2066-\u2069"  # bidirectional embeddings, overrides, isolates
    "\ud800-\udfff"  # lone surrogates: nothing can encode them
    "\u00ad\u180e\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb"  # invisible or deprecated format characters
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f"
)
_PATTERN = re.compile(f"{_FLAG}|[{_UNSAFE}]")


def visible(text: str, keep_newlines: bool = False) -> str:
    """The text with every control and reordering character replaced by its escape; newlines stay if asked."""

    def escape(character: str) -> str:
        return "\n" if keep_newlines and character == "\n" else character.encode("unicode_escape").decode("ascii")

    return replace_unsafe(text, escape)


def replace_unsafe(text: str, escape: Callable[[str], str]) -> str:
    """The text with every unsafe character c replaced by `escape(c)`."""
    return _PATTERN.sub(lambda match: escape(match[0]) if len(match[0]) == 1 else match[0], text)


def one_line(text: str) -> str:
    """The text on one line: runs of white space become one space, then as `visible`."""
    return visible(" ".join(text.split()))
