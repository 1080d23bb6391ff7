"""The fields of an exported conversation: what each must be, and in which words to say so."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import chain
from typing import Any

Check = Callable[[Any], bool]
Fields = dict[str, tuple[Check, str]]  # name -> (whether a value is right, what it must be)
LARGEST = 2**63
DEEPEST = 50
YEARS = range(1000, 9999)  # that every clock can show

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def stamp_of(text: str) -> int:
    """Microseconds since 1970 of an ISO 8601 time with its offset from UTC; ValueError where it is none."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("no offset from UTC")
    if moment.year not in YEARS:
        raise ValueError("no year of ours")
    passed = moment - _EPOCH
    return (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_integer(value: Any) -> bool:
    return type(value) is int and -LARGEST <= value < LARGEST


def _is_place(value: Any) -> bool:
    return _is_integer(value) and value > 0


def _is_number(value: Any) -> bool:
    return _is_integer(value) or (isinstance(value, float) and math.isfinite(value))


def _is_time(value: Any) -> bool:
    try:
        return isinstance(value, str) and stamp_of(value) is not None
    except (ValueError, OverflowError):
        return False


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _is_map(value: Any) -> bool:
    return isinstance(value, dict) and _is_shallow(value)


def _is_shallow(value: Any) -> bool:
    """Whether it can be written again: JSON nests no deeper than DEEPEST."""
    level = [value]
    for _ in range(DEEPEST):
        inner = (one.values() if isinstance(one, dict) else one for one in level if isinstance(one, dict | list))
        level = list(chain.from_iterable(inner))
    return not level


def _or_none(check: Check) -> Check:
    return lambda value: value is None or check(value)


def _list_of(check: Check) -> Check:
    return lambda value: isinstance(value, list) and all(map(check, value))


def _is_alternative(value: Any) -> bool:
    if not isinstance(value, dict) or set(value) - {"parts"} != {"text", "score", "log_prob"}:
        return False
    scores = all(map(_or_none(_is_number), (value["score"], value["log_prob"])))
    return _is_text(value["text"]) and scores and ("parts" not in value or _are_parts(value["parts"]))


def _are_parts(value: Any) -> bool:
    pairs = value.values() if isinstance(value, dict) else [()]
    return all(_list_of(_or_none(_is_number))(pair) and len(pair) == 2 for pair in pairs)


CONVERSATION: Fields = {
    "format": (_is_text, "a text"),
    "uid": (
        lambda value: isinstance(value, str) and bool(re.fullmatch("[0-9a-f]{32}", value)),
        "32 hexadecimal digits",
    ),
    "title": (_is_text, "a text"),
    "created_at": (_is_time, "a time with its offset from UTC"),
    "updated_at": (_is_time, "a time with its offset from UTC"),
    "fingerprint": (_or_none(_is_text), "a text or null"),
    "leaf": (_is_object, "an object"),
    **{name: (_list_of(_is_object), "a list of objects") for name in ("models", "turns", "annotations")},
}
LEAF: Fields = {name: (_or_none(_is_place), "a number or null") for name in ("turn", "reply")}
MODEL: Fields = {
    **{name: (_is_text, "a text") for name in ("fingerprint", "name", "task")},
    "config": (_is_map, f"an object that nests no deeper than {DEEPEST}"),
    "first_seen": CONVERSATION["created_at"],
}
TURN: Fields = {
    "parent_reply": LEAF["reply"],
    "text": CONVERSATION["title"],
    "created_at": CONVERSATION["created_at"],
    "replies": CONVERSATION["turns"],
}
REPLY: Fields = {
    "text": CONVERSATION["title"],
    **{name: (_or_none(_list_of(_is_text)), "a list of texts or null") for name in ("tokens", "context_words")},
    **{name: (_or_none(_list_of(_is_integer)), "a list of integers or null") for name in ("token_ids", "context_ids")},
    "token_log_probs": (_or_none(_list_of(_or_none(_is_number))), "a list of numbers or null"),
    **{name: (_or_none(_is_number), "a number or null") for name in ("score", "seconds")},
    **{name: (_or_none(_is_integer), "an integer or null") for name in ("rank", "seed")},
    "alternatives": (_or_none(_list_of(_is_alternative)), "a list of alternatives or null"),
    "settings": (_or_none(_is_map), f"null, or an object that nests no deeper than {DEEPEST}"),
    "fingerprint": CONVERSATION["fingerprint"],
    "complete": (lambda value: isinstance(value, bool), "true or false"),
    "created_at": CONVERSATION["created_at"],
    "parts": (_or_none(_are_parts), "an object of pairs of numbers, or null"),
    "reverse_fingerprint": CONVERSATION["fingerprint"],
}
ANNOTATION: Fields = {
    **LEAF,
    "kind": CONVERSATION["title"],
    "text": CONVERSATION["fingerprint"],
    "data": (_is_shallow, f"anything that nests no deeper than {DEEPEST}"),
    "created_at": CONVERSATION["created_at"],
    "fingerprint": CONVERSATION["fingerprint"],
    "settings": REPLY["settings"],
}
