"""The officials' messenger: links, the messages that show filings, snoozes."""

import sqlalchemy as sa
from alembic import op

from storage import columns as c

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None
min_code = 1  # the oldest code that may run on this schema


def upgrade() -> None:
    op.create_table(
        "official_links",
        sa.Column("user_id", c.Id, nullable=False),
        sa.Column("peer_id", c.Id, nullable=False),
        sa.Column("linked_at", c.UTCTime(), nullable=False),
        sa.Column("checked_at", c.UTCTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_official_links_user_id")),
        sa.ForeignKeyConstraint(["peer_id"], ["peers.id"], name=op.f("fk_official_links_peer_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_official_links")),
        sa.UniqueConstraint("peer_id", name=op.f("uq_official_links_peer_id")),
    )
    op.create_table(
        "posted",
        sa.Column("filing_id", c.Id, nullable=False),
        sa.Column("peer_id", c.Id, nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("at", c.UTCTime(), nullable=False),
        sa.ForeignKeyConstraint(["filing_id"], ["filings.id"], name=op.f("fk_posted_filing_id")),
        sa.ForeignKeyConstraint(["peer_id"], ["peers.id"], name=op.f("fk_posted_peer_id")),
        sa.PrimaryKeyConstraint("filing_id", "peer_id", name=op.f("pk_posted")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_posted_peer_id", "posted", ["peer_id"])
    op.create_table(
        "snoozes",
        sa.Column("user_id", c.Id, nullable=False),
        sa.Column("filing_id", c.Id, nullable=False),
        sa.Column("until", c.UTCTime(), nullable=False),
        sa.Column("told_at", c.UTCTime(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_snoozes_user_id")),
        sa.ForeignKeyConstraint(["filing_id"], ["filings.id"], name=op.f("fk_snoozes_filing_id")),
        sa.PrimaryKeyConstraint("user_id", "filing_id", name=op.f("pk_snoozes")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_snoozes_filing_id", "snoozes", ["filing_id"])
