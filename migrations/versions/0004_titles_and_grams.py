"""Find titles too, and words of scripts that put no spaces between them (Chinese, Japanese, Thai, ...).

The index of titles is like the others. Text with a character of such a script also goes into an index of trigrams; two
characters that end nothing else are put after it, so that its last two characters begin a trigram, too, and words of
one or two can be looked up as prefixes of trigrams. Other text pays nothing for this.
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

WORDS = "unicode61 remove_diacritics 2"
TEXTS = {"turn": "text", "reply": "text", "annotation": "text", "conversation": "title"}
END = "char(3) || char(3)"
UNSPACED = (
    *("\u0e00-\u0fff", "\u1000-\u109f", "\u1780-\u17ff", "\u1950-\u19df", "\u1a20-\u1aaf"),  # Thai to Tai Tham
    *("\u3005-\u3007", "\u3040-\u312f", "\u31f0-\u31ff", "\u3400-\u4dbf", "\u4e00-\u9fff"),  # kana, Chinese
    *("\ua960-\ua97f", "\uac00-\ud7a3", "\uf900-\ufaff", "\uff66-\uff9d", "\U00020000-\U0003ffff"),  # Hangul, rare ones
)
HAS_SOME = f"GLOB '*[{''.join(UNSPACED)}]*'"


def upgrade() -> None:
    """Make the indexes, and fill them with what is there."""
    if op.get_bind().dialect.name != "sqlite":
        return
    _index("conversation", "conversation_words", f"content='conversation', content_rowid='id', tokenize='{WORDS}'")
    for table in TEXTS:
        _index(table, f"{table}_grams", "content='', tokenize='trigram'", f" || {END}", HAS_SOME)


def _index(table: str, index: str, options: str, end: str = "", wanted: str = "IS NOT NULL") -> None:
    """An index that holds no text of its own, kept in step with a table: of its rows whose text is as `wanted`."""
    column = TEXTS[table]
    add = f"INSERT INTO {index}(rowid, {column}) SELECT id, {column}{end} FROM {table} WHERE {column} {wanted}"
    added = f"INSERT INTO {index}(rowid, {column}) SELECT new.id, new.{column}{end} WHERE new.{column} {wanted}"
    removed = f"INSERT INTO {index}({index}, rowid, {column}) SELECT 'delete', old.id, old.{column}{end} "
    removed += f"WHERE old.{column} {wanted}"
    op.execute(f"CREATE VIRTUAL TABLE {index} USING fts5({column}, {options})")
    op.execute(f"CREATE TRIGGER {index}_insert AFTER INSERT ON {table} BEGIN {added}; END")
    op.execute(f"CREATE TRIGGER {index}_delete AFTER DELETE ON {table} BEGIN {removed}; END")
    op.execute(f"CREATE TRIGGER {index}_update AFTER UPDATE OF {column} ON {table} BEGIN {removed}; {added}; END")
    op.execute(add)


def downgrade() -> None:
    """Drop the indexes; what they find stays."""
    if op.get_bind().dialect.name != "sqlite":
        return
    for index in ("conversation_words", *(f"{table}_grams" for table in TEXTS)):
        for when in ("insert", "delete", "update"):
            op.execute(f"DROP TRIGGER {index}_{when}")
        op.execute(f"DROP TABLE {index}")
