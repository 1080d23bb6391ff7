"""JSON from a stranger -> an object, or a `BundleError` of one line: no key twice, no NaN, nothing deep or endless."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from chatbot.errors import BundleError

LONGEST_KEY = 200
LONGEST_INTEGER = 18  # digits; every integer then fits 64 bits


class _Refused(ValueError):
    """Valid JSON that is not admitted; its text says why."""


def strict_json(content: bytes, where: str) -> dict[str, Any]:
    """The JSON object in `content`. `where` begins the error line."""
    try:
        parsed = json.loads(
            content.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_int=_integer,
            parse_float=_float,
        )
        json.dumps(parsed, ensure_ascii=False).encode("utf-8")  # a lone surrogate cannot be printed or hashed
    except UnicodeDecodeError as error:
        raise BundleError(f"{where}: must be UTF-8 text, but byte {error.start} is not") from error
    except UnicodeEncodeError as error:
        raise BundleError(f"{where}: holds a lone surrogate") from error
    except json.JSONDecodeError as error:
        raise BundleError(f"{where}: not valid JSON (line {error.lineno}): {error.msg}") from error
    except _Refused as error:
        raise BundleError(f"{where}: {error}") from error
    except RecursionError as error:
        raise BundleError(f"{where}: nested too deeply") from error
    if not isinstance(parsed, dict):
        raise BundleError(f"{where}: must be a JSON object, but holds a {type(parsed).__name__}")
    return parsed


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if len(key) > LONGEST_KEY:
            raise _Refused(f"a key is longer than {LONGEST_KEY} characters: {key[:40]!r}...")
        if key in found:
            raise _Refused(f"the key {key!r} stands twice")
        found[key] = value
    return found


def _constant(text: str) -> NoReturn:
    raise _Refused(f"{text} is not a number that is admitted")


def _integer(text: str) -> int:
    if len(text.lstrip("-")) > LONGEST_INTEGER:
        raise _Refused(f"the integer {text[:40]}... is too long")
    return int(text)


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise _Refused(f"the number {text[:40]} is too large")
    return value
