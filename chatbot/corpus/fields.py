"""Which field of a record means what: `--fields prompt=question,reply=answer` -> a map, checked.

Records are rows of a table (CSV, TSV) or JSON objects. They hold either a prompt and a reply each, or one utterance
each: then the records of one conversation follow one another.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chatbot.errors import ConfigError, CorpusError
from chatbot.settings import suggest

ROLES = ("prompt", "reply", "text", "speaker", "conversation", "source")
PAIR = {"prompt": "1", "reply": "2"}  # where nothing is said: the first two columns


def field_map(text: str) -> dict[str, str]:
    """Role -> name of a column, its number from 1, or a dotted path in JSON. Raises `ConfigError`."""
    found: dict[str, str] = {}
    for part in filter(None, map(str.strip, text.split(","))):
        role, equals, name = (piece.strip() for piece in part.partition("="))
        if role not in ROLES:
            raise ConfigError(f"--fields: {role!r} is no role of a field; {suggest(role, ROLES)}")
        if not equals or not name:
            raise ConfigError(f"--fields: {part!r} names no field; expected ROLE=FIELD, such as prompt=question")
        found[role] = name
    if found and ("text" in found) == ("prompt" in found or "reply" in found):
        raise ConfigError("--fields: give prompt= and reply=, or else text= (with conversation= and speaker=)")
    if ("prompt" in found) != ("reply" in found):
        raise ConfigError("--fields: prompt= and reply= belong together")
    if "text" in found and "conversation" not in found:
        raise ConfigError("--fields: text= needs conversation=, the field that is the same within a conversation")
    return found


def value(record: Mapping[str, Any], path: str, where: str) -> str:
    """The text at a dotted path of a JSON object, or in a column. Raises `CorpusError`."""
    found: Any = record
    for key in path.split(".") if path not in record else [path]:
        if not isinstance(found, Mapping) or key not in found:
            if path.isdigit():
                columns = f"{len(record)} column{'s' * (len(record) != 1)}"
                raise CorpusError(
                    f"{where}: {columns}, expected at least {path}: a prompt and a reply, or what --fields says"
                )
            known = ", ".join(map(str, list(record)[:8]))
            raise CorpusError(f"{where}: no field {path!r}; it has {known or 'none'}")
        found = found[key]
    if found is None or isinstance(found, bool | list | Mapping):
        raise CorpusError(f"{where}: field {path!r} must be a text, but is {found!r:.40}")
    return str(found)
