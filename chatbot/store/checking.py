"""One line of an exported file, which may come from a stranger -> a checked conversation, or a `StoreError`."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import chain
from typing import Any, NoReturn

from chatbot.errors import StoreError
from chatbot.settings import suggest
from chatbot.store.formats.records import FORMAT

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


_CONVERSATION: Fields = {
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
_LEAF: Fields = {name: (_or_none(_is_place), "a number or null") for name in ("turn", "reply")}
_MODEL: Fields = {
    **{name: (_is_text, "a text") for name in ("fingerprint", "name", "task")},
    "config": (_is_map, f"an object that nests no deeper than {DEEPEST}"),
    "first_seen": _CONVERSATION["created_at"],
}
_TURN: Fields = {
    "parent_reply": _LEAF["reply"],
    "text": _CONVERSATION["title"],
    "created_at": _CONVERSATION["created_at"],
    "replies": _CONVERSATION["turns"],
}
_REPLY: Fields = {
    "text": _CONVERSATION["title"],
    **{name: (_or_none(_list_of(_is_text)), "a list of texts or null") for name in ("tokens", "context_words")},
    **{name: (_or_none(_list_of(_is_integer)), "a list of integers or null") for name in ("token_ids", "context_ids")},
    "token_log_probs": (_or_none(_list_of(_or_none(_is_number))), "a list of numbers or null"),
    **{name: (_or_none(_is_number), "a number or null") for name in ("score", "seconds")},
    **{name: (_or_none(_is_integer), "an integer or null") for name in ("rank", "seed")},
    "alternatives": (_or_none(_list_of(_is_alternative)), "a list of alternatives or null"),
    "settings": (_or_none(_is_map), f"null, or an object that nests no deeper than {DEEPEST}"),
    "fingerprint": _CONVERSATION["fingerprint"],
    "complete": (lambda value: isinstance(value, bool), "true or false"),
    "created_at": _CONVERSATION["created_at"],
    "parts": (_or_none(_are_parts), "an object of pairs of numbers, or null"),
    "reverse_fingerprint": _CONVERSATION["fingerprint"],
}
_ANNOTATION: Fields = {
    **_LEAF,
    "kind": _CONVERSATION["title"],
    "text": _CONVERSATION["fingerprint"],
    "data": (_is_shallow, f"anything that nests no deeper than {DEEPEST}"),
    "created_at": _CONVERSATION["created_at"],
    "fingerprint": _CONVERSATION["fingerprint"],
    "settings": _REPLY["settings"],
}


def checked_record(content: bytes, where: str) -> dict[str, Any]:
    """The conversation of a line, every field of it of its type and every number in it leading somewhere."""
    return checked(parsed(content, where), where)


def checked(record: Any, where: str) -> dict[str, Any]:
    """As `checked_record`, of a value that was JSON."""
    if not isinstance(record, dict):
        raise StoreError(f"{where}: expected an object, but found a {type(record).__name__}")
    if record.get("format") != FORMAT:
        raise StoreError(f"{where}: expected format {FORMAT!r}, but found {str(record.get('format'))[:40]!r}")
    _check(record, _CONVERSATION, where)
    _check(record["leaf"], _LEAF, f"{where}: leaf")
    for place, model in enumerate(record["models"], start=1):
        _check(model, _MODEL, f"{where}: model {place}")
    for place, turn in enumerate(record["turns"], start=1):
        _check(turn, _TURN, f"{where}: turn {place}")
        for reply in turn["replies"]:
            _complete(reply, "parts", "reverse_fingerprint")
            _check(reply, _REPLY, f"{where}: a reply of turn {place}")
    for place, annotation in enumerate(record["annotations"], start=1):
        _complete(annotation, "fingerprint", "settings")
        _check(annotation, _ANNOTATION, f"{where}: annotation {place}")
    _check_references(record, where)
    return record


def _check_references(record: dict[str, Any], where: str) -> None:
    """What a number refers to is there, and stands before it; so the turns are a tree."""
    replies = 0
    for place, turn in enumerate(record["turns"], start=1):
        if turn["parent_reply"] and turn["parent_reply"] > replies:
            raise StoreError(
                f"{where}: turn {place} follows reply {turn['parent_reply']}, which does not stand before it"
            )
        replies += len(turn["replies"])
    for what, one in [("leaf", record["leaf"]), *(("an annotation", one) for one in record["annotations"])]:
        if (one["turn"] or 0) > len(record["turns"]) or (one["reply"] or 0) > replies:
            raise StoreError(f"{where}: {what} refers to a turn or reply that is not there")
    turn, reply = record["leaf"]["turn"] or 0, record["leaf"]["reply"] or 0
    before = sum(len(one["replies"]) for one in record["turns"][: max(0, turn - 1)])
    if reply and not (turn and before < reply <= before + len(record["turns"][turn - 1]["replies"])):
        raise StoreError(f"{where}: leaf: reply {reply} is none to turn {turn}")
    models = {model["fingerprint"] for model in record["models"]}
    used = {record["fingerprint"], *(reply["fingerprint"] for turn in record["turns"] for reply in turn["replies"])}
    if missing := used - models - {None}:
        raise StoreError(f"{where}: the model {min(missing)[:12]!r} of a reply is not among the models")


def parsed(content: bytes, where: str) -> Any:
    """A value of JSON, which a JSON of our own can hold again; `StoreError` for anything else."""

    def refuse(constant: str) -> NoReturn:
        raise ValueError(f"{constant} is no JSON")

    def number(digits: str) -> float:
        return value if math.isfinite(value := float(digits)) else refuse(digits[:20])

    try:
        return json.loads(content.decode("utf-8-sig"), parse_constant=refuse, parse_float=number)
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error).splitlines()[0]
        raise StoreError(f"{where}: not JSON in UTF-8 ({reason}); expected a line of chatbot history export") from error


def _complete(found: dict[str, Any], *added: str) -> None:
    """Fill in what exports did not have before revision 0003."""
    for name in added:
        found.setdefault(name, None)


def _check(found: dict[str, Any], fields: Fields, where: str) -> None:
    for name in found:
        if name not in fields:
            raise StoreError(f"{where}: unknown field {name[:40]!r}; {suggest(name, fields)}")
    for name, (check, expected) in fields.items():
        if name not in found:
            raise StoreError(f"{where}: the field {name!r} is missing")
        if not check(found[name]):
            raise StoreError(f"{where}: {name} must be {expected}, but is {_shown(found[name])}")


def _shown(value: Any) -> str:
    try:
        return json.dumps(value)[:60]
    except RecursionError:
        return "nested too deeply"
