"""The name of a database as a person gives it -> where it is; without SQLAlchemy, so that naming it costs nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from chatbot.home import history_url

_SQLITE = re.compile(r"sqlite(?:\+pysqlite)?://(?:/(?P<path>[^?]*))?$")


@dataclass(frozen=True, slots=True)
class Location:
    """An SQLAlchemy URL, and the file it means where it is an SQLite file."""

    url: str
    path: Path | None

    @property
    def shown(self) -> str:
        """What errors and `chatbot db path` call it: the file, or the URL without its password."""
        hidden = re.sub(r"([?&]password=)[^&]*", r"\1***", self.url)
        return str(self.path or re.sub(r"(://[^:/@]*):.*@", r"\1:***@", hidden))


def locate(database: str | None = None) -> Location:
    """Where a database is: an SQLAlchemy URL, the path of an SQLite file, or None for the user's own history."""
    named = history_url() if database is None else database
    if "://" not in named:
        path = Path(named).expanduser().absolute()
        return Location(f"sqlite:///{path}", path)
    found = _SQLITE.match(named)
    memory = not found or found["path"] in (None, "", ":memory:")
    return Location(named, None if memory else Path(found["path"]).absolute())  # type: ignore[index]
