"""Find words in what was said: a full-text index (SQLite's FTS5) of turns, replies and annotations; copied words kept.

The indexes hold no text of their own; triggers keep them in step with the tables, also where rows are deleted by
reference. A migration that rebuilds one of these tables makes its triggers anew. Other databases are searched without.
A reply that copied unknown words is said again only with the words of its source, which are kept from now on.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = ("turn", "reply", "annotation")
TOKENIZE = "unicode61 remove_diacritics 2"


def upgrade() -> None:
    """Make the indexes, and fill them with what is there."""
    op.add_column("reply", sa.Column("context_words", sa.JSON))
    if op.get_bind().dialect.name != "sqlite":
        return
    for table in TABLES:
        words = f"{table}_words"
        add = f"INSERT INTO {words}(rowid, text) VALUES (new.id, new.text)"
        remove = f"INSERT INTO {words}({words}, rowid, text) VALUES ('delete', old.id, old.text)"
        op.execute(
            f"CREATE VIRTUAL TABLE {words} USING fts5(text, content='{table}', content_rowid='id', "
            f"tokenize='{TOKENIZE}')"
        )
        op.execute(f"CREATE TRIGGER {words}_insert AFTER INSERT ON {table} BEGIN {add}; END")
        op.execute(f"CREATE TRIGGER {words}_delete AFTER DELETE ON {table} BEGIN {remove}; END")
        op.execute(f"CREATE TRIGGER {words}_update AFTER UPDATE OF text ON {table} BEGIN {remove}; {add}; END")
        op.execute(f"INSERT INTO {words}({words}) VALUES ('rebuild')")


def downgrade() -> None:
    """Drop the indexes; what they find stays."""
    if op.get_bind().dialect.name == "sqlite":
        for table in TABLES:
            for when in ("insert", "delete", "update"):
                op.execute(f"DROP TRIGGER {table}_words_{when}")
            op.execute(f"DROP TABLE {table}_words")
    op.drop_column("reply", "context_words")
