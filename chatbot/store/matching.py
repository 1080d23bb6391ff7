"""Words -> the rows that hold them all: through SQLite's full-text indexes, or as parts of a text elsewhere.

Two indexes: of words (capitals and accents do not count; a word that ends in * is the start of one), and of trigrams
for scripts that put no spaces between words, where a word is any part of a text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import Connection, Integer, Select, and_, bindparam, literal_column, select, text

from chatbot.dialogue.wellformed import well_formed
from chatbot.errors import UsageError
from chatbot.store import schema

UNSPACED = re.compile(
    "[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf\u3005-\u3007\u3040-\u312f\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\uff66-\uff9d\U00020000-\U0003ffff]"
)  # as in migration 0004
LONGEST = 1000  # characters of what is searched for
GRAM = 3


def wanted_words(typed: str) -> list[str]:
    """The words of what a person typed. `UsageError` where no letter and no digit is in it, or too much."""
    wanted = [word for word in well_formed(typed).split() if re.search(r"[^\W_]", word)]
    if not wanted:
        raise UsageError(f"search needs a word to look for, but received {typed[:40]!r}")
    if len(typed) > LONGEST:
        raise UsageError(f"search takes at most {LONGEST} characters, but received {len(typed)}")
    return wanted


def in_parts(connection: Connection, wanted: Sequence[str]) -> bool:
    """Whether the words are looked for as parts of a text, not as whole words."""
    return connection.dialect.name != "sqlite" or any(map(UNSPACED.search, wanted))


def hits(connection: Connection, table: str, wanted: Sequence[str]) -> Select[int]:
    """The rows of a table that hold all the words: their numbers as `row`, which an index gives in order."""
    if connection.dialect.name != "sqlite":
        return _parts(table, wanted)
    if in_parts(connection, wanted):
        return _indexed(schema.GRAMS[table], _grams(connection, table, wanted))
    return _indexed(schema.WORDS[table], " ".join(map(_phrase, wanted)))


def _indexed(index: str, query: str) -> Select[int]:
    matching = text(f"{index} MATCH :{index}").bindparams(bindparam(index, query, unique=True))
    return select(literal_column("rowid", Integer).label("row")).select_from(text(index)).where(matching)


def _phrase(word: str) -> str:
    """A word as FTS5 reads strings: in quotes, with those inside doubled; a * after it is its prefix query."""
    return _quoted(word.rstrip("*")) + ("*" if word.endswith("*") else "")


def _quoted(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'


def _grams(connection: Connection, table: str, wanted: Sequence[str]) -> str:
    """A query for trigrams: a long word is a phrase of them, a short one is any of those that begin with it."""
    parts = [word.rstrip("*") for word in wanted]
    short = {part for part in parts if len(part) < GRAM}
    begun = {part: _begun(connection, table, part) for part in short}
    return " AND ".join(begun.get(part) or _quoted(part) for part in parts)


def _begun(connection: Connection, table: str, part: str) -> str:
    """The trigrams of the index that begin with one or two characters, any of which will do."""
    vocabulary, folded = f"{schema.GRAMS[table]}_vocabulary", part.lower()
    made = f"CREATE VIRTUAL TABLE IF NOT EXISTS temp.{vocabulary} USING fts5vocab(main, {schema.GRAMS[table]}, row)"
    connection.exec_driver_sql(made)
    query = f"SELECT term FROM temp.{vocabulary} WHERE term >= ? AND term < ?"
    grams = connection.exec_driver_sql(query, (folded, folded + chr(0x10FFFF))).scalars()
    return f"({' OR '.join(map(_quoted, grams)) or _quoted(folded.ljust(GRAM, chr(2)))})"  # which no index holds


def _parts(table: str, wanted: Sequence[str]) -> Select[int]:
    rows = schema.metadata.tables[table]
    column = rows.c[schema.TEXTS[table]]
    holds = and_(*(column.icontains(word.rstrip("*"), autoescape=True) for word in wanted))
    return select(rows.c.id.label("row")).where(holds)
