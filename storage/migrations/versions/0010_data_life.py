"""Holds, transfers, destruction, requests about one's own data."""

import sqlalchemy as sa
from alembic import op

from storage import columns as c

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None
min_code = 1  # the oldest code that may run on this schema


def upgrade() -> None:
    _holds()
    _disposals()
    _disposal_items()


def _points(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))


def _holds() -> None:
    op.create_table(
        "holds",
        sa.Column("id", c.Id(), nullable=False),
        sa.Column("sid", c.Sid(length=16), nullable=False),
        sa.Column("filing_id", c.Id(), nullable=False),
        sa.Column("reason", c.SealedBytes(), nullable=False),
        sa.Column("set_by_id", c.Id(), nullable=True),
        sa.Column("set_at", c.UTCTime(), nullable=False),
        sa.Column("end_reason", c.SealedBytes(), nullable=True),
        sa.Column("ended_by_id", c.Id(), nullable=True),
        sa.Column("ended_at", c.UTCTime(), nullable=True),
        _points("holds", "filing_id", "filings"),
        _points("holds", "set_by_id", "users"),
        _points("holds", "ended_by_id", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
        sa.UniqueConstraint("sid", name=op.f("uq_holds_sid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_holds_filing_id"), "holds", ["filing_id"], unique=False)


def _disposals() -> None:
    op.create_table(
        "disposals",
        sa.Column("id", c.Id(), nullable=False),
        sa.Column("sid", c.Sid(length=16), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("decision", c.SealedBytes(), nullable=False),
        sa.Column("state", sa.String(), server_default="drafted", nullable=False),
        sa.Column("made_by_id", c.Id(), nullable=True),
        sa.Column("made_at", c.UTCTime(), nullable=False),
        sa.Column("bundle", sa.String(), server_default="", nullable=False),
        sa.Column("bundle_size", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("exported_by_id", c.Id(), nullable=True),
        sa.Column("exported_at", c.UTCTime(), nullable=True),
        sa.Column("approval_id", sa.Integer(), nullable=True),
        sa.Column("approved_by_id", c.Id(), nullable=True),
        sa.Column("approved_at", c.UTCTime(), nullable=True),
        sa.Column("finished_at", c.UTCTime(), nullable=True),
        _points("disposals", "made_by_id", "users"),
        _points("disposals", "exported_by_id", "users"),
        _points("disposals", "approved_by_id", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disposals")),
        sa.UniqueConstraint("sid", name=op.f("uq_disposals_sid")),
        sqlite_autoincrement=True,
    )


def _disposal_items() -> None:
    op.create_table(
        "disposal_items",
        sa.Column("disposal_id", c.Id(), nullable=False),
        sa.Column("filing_id", c.Id(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("state", sa.String(), server_default="waiting", nullable=False),
        sa.Column("files", sa.Integer(), server_default="0", nullable=False),
        sa.Column("events", sa.Integer(), server_default="0", nullable=False),
        sa.Column("done_at", c.UTCTime(), nullable=True),
        _points("disposal_items", "disposal_id", "disposals"),
        _points("disposal_items", "filing_id", "filings"),
        sa.PrimaryKeyConstraint("disposal_id", "filing_id", name=op.f("pk_disposal_items")),
    )
    op.create_index(
        op.f("ix_disposal_items_filing_id"), "disposal_items", ["filing_id"], unique=False
    )
