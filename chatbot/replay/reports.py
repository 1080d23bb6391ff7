"""Which report a file's suffix asks for, and writing it whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from chatbot.errors import UsageError
from chatbot.files import write_atomically
from chatbot.replay.html_report import html_report
from chatbot.replay.json_report import json_report
from chatbot.replay.junit_report import junit_report
from chatbot.replay.markdown_report import markdown_report
from chatbot.replay.results import Replay
from chatbot.replay.text_report import text_report
from chatbot.settings import suggest

SUFFIXES = {".txt": "text", ".json": "json", ".md": "markdown", ".html": "html", ".htm": "html", ".xml": "junit"}
FORMATS: dict[str, Callable[[Replay], str]] = {
    "text": text_report,
    "json": json_report,
    "markdown": markdown_report,
    "html": html_report,
    "junit": junit_report,
}


def format_of(path: Path) -> str:
    """The format that a report's file has by its suffix; `UsageError` for another suffix."""
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(f"{path}: a report is named by its suffix; {suggest(path.suffix or '(none)', SUFFIXES)}")
    return SUFFIXES[path.suffix.lower()]


def write_report(replay: Replay, path: Path) -> None:
    """Write the report that the file's suffix asks for, for its owner only, whole or not at all."""
    content = FORMATS[format_of(path)](replay)
    try:
        write_atomically(path, content.encode(), mode=0o600)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror or error}") from error
