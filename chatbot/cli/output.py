"""What commands print on stdout as data, and whether a file may be written."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from chatbot.errors import ChatbotError
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


def check_new(output: Path, overwrite: bool) -> None:
    """An error of one line where a file is that nobody said to replace."""
    if output.exists() and not overwrite:
        raise ChatbotError(f"{output}: exists already; replace it with --overwrite, or choose another --output")
