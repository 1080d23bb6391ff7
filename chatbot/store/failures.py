"""What a database complains of -> a `StoreError` of one line that says what to do."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator

from sqlalchemy.exc import DBAPIError, TimeoutError

from chatbot.errors import StoreError
from chatbot.store import sqlite

ELSEWHERE = "or use another file with --database PATH"


@contextlib.contextmanager
def store_errors(where: str) -> Iterator[None]:
    """Turn errors of the database at `where` into a `StoreError`."""
    try:
        yield
    except UnicodeDecodeError as error:  # sqlite3 could not even read the message of the error
        raise StoreError(f"{where}: is damaged; see: chatbot db check, {ELSEWHERE}") from error
    except (DBAPIError, TimeoutError, sqlite3.Error) as error:
        raise StoreError(f"{where}: {_explained(getattr(error, 'orig', None) or error)}, {ELSEWHERE}") from error


def _explained(error: BaseException) -> str:
    return sqlite.explained(error) or (str(error).strip() or type(error).__name__).splitlines()[0]
