"""Regular expressions from a stranger's file: RE2's syntax, always in time linear in the text, in bounded memory."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from chatbot.errors import ScriptError
from chatbot.terminal import one_line

MOST_MEMORY = 1 << 20  # bytes of a compiled pattern
LONGEST = 1000  # characters of a pattern


class Pattern(str):
    """A pattern as written; a variable in it stands for itself, whatever characters it holds."""

    __slots__ = ()


def check_pattern(text: str, where: str) -> None:
    """`ScriptError` where the pattern is too long, is not RE2's syntax, or needs too much memory."""
    import re2

    if len(text) > LONGEST:
        raise ScriptError(f"{where}: a pattern has at most {LONGEST} characters, but this one has {len(text)}")
    try:
        _compiled(text)
    except re2.error as error:
        raise ScriptError(f"{where}: not a pattern of RE2's syntax: {_reason(error)}") from None


def search(pattern: str, text: str) -> str | None:
    """What the pattern finds first: its first group, or all of it where it has none; None for nothing."""
    import re2

    try:
        found = _compiled(pattern).search(text)
    except re2.error as error:  # one whose variables made it too large
        raise ScriptError(f"not a pattern of RE2's syntax: {_reason(error)}") from None
    if found is None:
        return None
    return str((found.group(1) if found.re.groups else found.group(0)) or "")


def escaped(text: str) -> str:
    """A pattern that matches the text alone."""
    import re2

    return str(re2.escape(text))


def _reason(error: Exception) -> str:
    why = error.args[0] if error.args else ""
    return one_line(why.decode("utf-8", "replace") if isinstance(why, bytes) else str(why))[:120]


@lru_cache(maxsize=1000)
def _compiled(text: str) -> Any:
    import re2

    options = re2.Options()
    options.max_mem = MOST_MEMORY
    options.log_errors = False
    return re2.compile(text, options)
