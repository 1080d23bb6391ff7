"""One line of an exported file, which may come from a stranger -> a checked conversation, or a `StoreError`."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from chatbot.errors import StoreError
from chatbot.settings import suggest
from chatbot.store.fields import ANNOTATION, CONVERSATION, LEAF, MODEL, REPLY, TURN, Fields
from chatbot.store.formats.records import FORMAT, dumped


def checked_record(content: bytes, where: str) -> dict[str, Any]:
    """The conversation of a line, every field of it of its type and every number in it leading somewhere."""
    return checked(parsed(content, where), where)


def checked(record: Any, where: str) -> dict[str, Any]:
    """As `checked_record`, of a value that was JSON."""
    if not isinstance(record, dict):
        raise StoreError(f"{where}: expected a JSON object, in braces, but found {dumped(record)[:40]}")
    if "utterances" in record:
        raise StoreError(f"{where}: is text to learn from, for chatbot prepare; import what --as jsonl writes")
    if record.get("format") != FORMAT:
        raise StoreError(f"{where}: expected format {FORMAT!r}, but found {str(record.get('format'))[:40]!r}")
    _check(record, CONVERSATION, where)
    _check(record["leaf"], LEAF, f"{where}: leaf")
    for place, model in enumerate(record["models"], start=1):
        _check(model, MODEL, f"{where}: model {place}")
    for place, turn in enumerate(record["turns"], start=1):
        _check(turn, TURN, f"{where}: turn {place}")
        for reply in turn["replies"]:
            _complete(reply, "parts", "reverse_fingerprint")
            _check(reply, REPLY, f"{where}: a reply of turn {place}")
    for place, annotation in enumerate(record["annotations"], start=1):
        _complete(annotation, "fingerprint", "settings")
        _check(annotation, ANNOTATION, f"{where}: annotation {place}")
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
