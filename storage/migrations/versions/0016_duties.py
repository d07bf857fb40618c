"""Monthly checks, confirmed values, the agency's own dates."""

import sqlalchemy as sa
from alembic import op

from storage import columns as c

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None
min_code = 1  # the oldest code that may run on this schema


def upgrade() -> None:
    op.create_table(
        "queue_checks",
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("sid", c.Sid(length=16), nullable=False),
        sa.Column("made_at", c.UTCTime(), nullable=False),
        sa.Column("checked_at", c.UTCTime(), nullable=True),
        sa.Column("user_id", c.Id(), nullable=True),
        sa.Column("found", c.SealedBytes(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_queue_checks_user_id")),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_queue_checks")),
        sa.UniqueConstraint("sid", name=op.f("uq_queue_checks_sid")),
    )
    op.create_table(
        "confirmations",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sid", c.Sid(length=16), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("user_id", c.Id(), nullable=True),
        sa.Column("at", c.UTCTime(), nullable=False),
        sa.Column("basis", c.SealedBytes(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_confirmations_user_id")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_confirmations")),
        sa.UniqueConstraint("sid", name=op.f("uq_confirmations_sid")),
    )
    op.create_table(
        "agency_dates",
        sa.Column("id", c.Id(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("repeats", sa.String(), server_default="", nullable=False),
        sa.Column("ahead", sa.String(), server_default="", nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("made_by_id", c.Id(), nullable=True),
        sa.Column("made_at", c.UTCTime(), nullable=False),
        sa.Column("ended_at", c.UTCTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["users.id"], name=op.f("fk_agency_dates_made_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_dates")),
        sqlite_autoincrement=True,
    )
