"""Whose a filing is: the audit office's, a unit's, a person's own; who filed it in whose name."""

import sqlalchemy as sa
from alembic import op

from storage import columns as c

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None
min_code = 1  # the oldest code that may run on this schema

POINTS = (
    ("author_id", "users"), ("from_unit_id", "units"), ("approver_id", "users"),
    ("after_id", "filings"),
)  # fmt: skip
COLUMN = "ALTER TABLE filings ADD COLUMN {} INTEGER CONSTRAINT {} REFERENCES {} (id)"


def upgrade() -> None:
    op.add_column(
        "filings", sa.Column("reach", sa.String(), server_default="audit", nullable=False)
    )
    op.add_column("filings", sa.Column("handed_at", c.UTCTime(), nullable=True))
    for column, to in POINTS:
        _point(column, to)
        op.create_index(op.f(f"ix_filings_{column}"), "filings", [column], unique=False)


def _point(column: str, to: str) -> None:
    """Add a column that points at a row; SQLite takes it in one statement without a rebuild."""
    key = op.f(f"fk_filings_{column}")
    if op.get_bind().dialect.name == "sqlite":
        op.execute(COLUMN.format(column, key, to))
        return
    op.add_column("filings", sa.Column(column, c.Id(), nullable=True))
    op.create_foreign_key(key, "filings", to, [column], ["id"])
