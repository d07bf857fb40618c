"""What is watched: signs of life, scans of files, and what is open without reading what is closed."""

import sqlalchemy as sa
from alembic import op

from storage import columns as c

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None
min_code = 1  # the oldest code that may run on this schema


def upgrade() -> None:
    op.create_table(
        "heartbeats",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("at", c.UTCTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_heartbeats")),
        sqlite_with_rowid=False,
    )
    op.add_column("attachments", sa.Column("scan", sa.String(), server_default="", nullable=False))
    _partial(
        "ix_attachments_todo", "attachments", ["status", "id"],
        "status IN ('waiting', 'stored', 'found')",
    )  # fmt: skip
    _partial("ix_attachments_unscanned", "attachments", ["id"], "scan = 'away'")
    _partial("ix_filings_open_due", "filings", ["due_at"], "closed_at IS NULL")
    _partial("ix_tasks_open", "tasks", ["id"], "done_at IS NULL")


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(
        name, table, columns, unique=False, postgresql_where=condition, sqlite_where=condition
    )
