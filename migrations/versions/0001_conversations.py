"""Keep conversations: each turn, each reply with its receipt, what is said about them, and the lines typed.

Turns and replies refer to each other and make a tree, so that undo and retry lose nothing; the conversation points at
the leaf that stands. References between tables that come later are added afterwards where the database needs that.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
CYCLIC = (  # table, column, table referred to, what becomes of the row
    ("conversation", "leaf_turn_id", "turn", "SET NULL"),
    ("conversation", "leaf_reply_id", "reply", "SET NULL"),
    ("turn", "parent_reply_id", "reply", "CASCADE"),
)
INDEXES = (
    ("conversation", ["updated_at"]),
    ("conversation", ["leaf_turn_id"]),
    ("conversation", ["leaf_reply_id"]),
    ("turn", ["conversation_id"]),
    ("turn", ["parent_reply_id"]),
    ("reply", ["turn_id"]),
    ("annotation", ["conversation_id", "kind"]),
    ("annotation", ["turn_id"]),
    ("annotation", ["reply_id"]),
)


def _to(table: str, column: str, target: str, ondelete: str = "CASCADE") -> sa.ForeignKeyConstraint:
    key = "fingerprint" if target == "model" else "id"
    later = (table, column, target, ondelete) in CYCLIC
    name = f"fk_{table}_{column}_{target}"
    return sa.ForeignKeyConstraint([column], [f"{target}.{key}"], name=name, ondelete=ondelete, use_alter=later)


def upgrade() -> None:
    """Make all tables."""
    op.create_table(
        "model",
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("task", sa.Text, nullable=False),
        sa.Column("config", sa.JSON, nullable=False),
        sa.Column("first_seen", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name="pk_model"),
    )
    op.create_table(
        "conversation",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("uid", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.Text),
        sa.Column("leaf_turn_id", ROW_ID),
        sa.Column("leaf_reply_id", ROW_ID),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_conversation"),
        sa.UniqueConstraint("uid", name="uq_conversation_uid"),
        _to("conversation", "fingerprint", "model", "SET NULL"),
        _to(*CYCLIC[0]),
        _to(*CYCLIC[1]),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "turn",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("conversation_id", ROW_ID, nullable=False),
        sa.Column("parent_reply_id", ROW_ID),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_turn"),
        _to("turn", "conversation_id", "conversation"),
        _to(*CYCLIC[2]),
    )
    _create_reply()
    _create_annotation_and_input_line()
    for table, columns in INDEXES:
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)
    if op.get_bind().dialect.supports_alter:
        for table, column, target, ondelete in CYCLIC:
            op.create_foreign_key(f"fk_{table}_{column}_{target}", table, target, [column], ["id"], ondelete=ondelete)


def _create_reply() -> None:
    op.create_table(
        "reply",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("turn_id", ROW_ID, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("tokens", sa.JSON),
        sa.Column("token_ids", sa.JSON),
        sa.Column("token_log_probs", sa.JSON),
        sa.Column("score", sa.Float),
        sa.Column("rank", sa.Integer),
        sa.Column("alternatives", sa.JSON),
        sa.Column("settings", sa.JSON),
        sa.Column("seed", sa.BigInteger),
        sa.Column("fingerprint", sa.Text),
        sa.Column("context_ids", sa.JSON),
        sa.Column("seconds", sa.Float),
        sa.Column("complete", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reply"),
        _to("reply", "turn_id", "turn"),
        _to("reply", "fingerprint", "model", "SET NULL"),
    )


def _create_annotation_and_input_line() -> None:
    op.create_table(
        "annotation",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("conversation_id", ROW_ID, nullable=False),
        sa.Column("turn_id", ROW_ID),
        sa.Column("reply_id", ROW_ID),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("text", sa.Text),
        sa.Column("data", sa.JSON),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_annotation"),
        _to("annotation", "conversation_id", "conversation"),
        _to("annotation", "turn_id", "turn"),
        _to("annotation", "reply_id", "reply"),
    )
    op.create_table(
        "input_line",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_input_line"),
    )


def downgrade() -> None:
    """Drop all tables."""
    if op.get_bind().dialect.supports_alter:
        for table, column, target, _ in CYCLIC:
            op.drop_constraint(f"fk_{table}_{column}_{target}", table, type_="foreignkey")
    for table in ("input_line", "annotation", "reply", "turn", "conversation", "model"):
        op.drop_table(table)
