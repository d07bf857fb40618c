"""What statistics are made of: when a result was known, what was thought of it, how dialogs go."""

import sqlalchemy as sa
from alembic import op

from storage import columns as c

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None
min_code = 1  # the oldest code that may run on this schema

KNOWN = (
    "UPDATE filings SET result_at = coalesce((SELECT d.done_at FROM deadlines d "
    "WHERE d.filing_id = filings.id AND d.name = 'answer'), closed_at) WHERE outcome <> ''"
)


def upgrade() -> None:
    op.add_column("filings", sa.Column("result_at", c.UTCTime(), nullable=True))
    op.add_column("filings", sa.Column("survey", sa.String(), server_default="", nullable=False))
    op.add_column(
        "filings", sa.Column("transfers", sa.Integer(), server_default="0", nullable=False)
    )
    op.execute(KNOWN)
    op.create_table(
        "dialog_counts",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("n", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint(
            "day", "form", "version", "what", "step", name=op.f("pk_dialog_counts")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "publications",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("figures", sa.String(), nullable=False),
        sa.Column("made_at", c.UTCTime(), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_publications")),
    )
