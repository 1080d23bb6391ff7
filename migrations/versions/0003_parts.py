"""Keep how a reply was ranked, and with what an annotation was made; find conversations by model and annotations.

A reply that was ranked anew keeps the components of its score and the reverse model that was asked. An annotation that
a model made (a translation, tags, a generated text) keeps that model's fingerprint and settings.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

COLUMNS = (
    ("reply", "parts", sa.JSON),
    ("reply", "reverse_fingerprint", sa.Text),
    ("annotation", "fingerprint", sa.Text),
    ("annotation", "settings", sa.JSON),
)
INDEXES = (
    ("conversation", ["fingerprint"]),
    ("annotation", ["kind"]),
)


def upgrade() -> None:
    """Add the columns, empty, and the indexes."""
    for table, column, kind in COLUMNS:
        op.add_column(table, sa.Column(column, kind))
    for table, columns in INDEXES:
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)


def downgrade() -> None:
    """Drop them; what was kept in the columns is lost."""
    for table, columns in INDEXES:
        op.drop_index(f"ix_{table}_{'_'.join(columns)}", table)
    for table, column, _ in reversed(COLUMNS):
        op.drop_column(table, column)
