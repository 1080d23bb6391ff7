"""What commands print on stdout as data."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from chatbot.terminal import replace_unsafe


def print_json(value: Any) -> None:
    """Print one JSON value, indented; whatever is unsafe for a terminal is escaped as JSON does."""
    click.echo(_safe(value, 2))


def json_line(value: Any) -> str:
    """One JSON value on one line, as safe as `print_json` makes it."""
    return _safe(value, None)


def _safe(value: Any, indent: int | None) -> str:
    utf8 = (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "") == "utf8"
    text = json.dumps(value, ensure_ascii=not utf8, indent=indent, allow_nan=False)
    return replace_unsafe(text, lambda c: c if c == "\n" else json.dumps(c)[1:-1])
