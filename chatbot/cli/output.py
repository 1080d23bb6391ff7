"""What commands print on stdout as data."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from chatbot.terminal import replace_unsafe


def print_json(value: Any) -> None:
    """Print one JSON value, indented; whatever is unsafe for a terminal is escaped as JSON does."""
    utf8 = (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "") == "utf8"
    text = json.dumps(value, ensure_ascii=not utf8, indent=2, allow_nan=False)
    click.echo(replace_unsafe(text, lambda c: c if c == "\n" else json.dumps(c)[1:-1]))
