"""Calls, finding a caller, what is alike, floods."""

import sqlalchemy as sa
from alembic import op

from storage import columns as c

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None
min_code = 1  # the oldest code that may run on this schema


def upgrade() -> None:
    _calls()
    _finders()
    _sketches()
    _crowds()


def _calls() -> None:
    op.create_table(
        "calls",
        sa.Column("id", c.Id(), nullable=False),
        sa.Column("sid", c.Sid(length=16), nullable=False),
        sa.Column("peer_id", c.Id(), nullable=True),
        sa.Column("filing_id", c.Id(), nullable=True),
        sa.Column("lang", sa.String(), server_default="ko", nullable=False),
        sa.Column("wish", sa.String(), server_default="any", nullable=False),
        sa.Column("phone", c.SealedBytes(), nullable=True),
        sa.Column("about", c.SealedBytes(), nullable=True),
        sa.Column("state", sa.String(), server_default="waiting", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", c.UTCTime(), nullable=False),
        sa.Column("created_at", c.UTCTime(), nullable=False),
        sa.Column("done_at", c.UTCTime(), nullable=True),
        sa.Column("done_by_id", c.Id(), nullable=True),
        sa.Column("erased_at", c.UTCTime(), nullable=True),
        sa.ForeignKeyConstraint(["done_by_id"], ["users.id"], name=op.f("fk_calls_done_by_id")),
        sa.ForeignKeyConstraint(["filing_id"], ["filings.id"], name=op.f("fk_calls_filing_id")),
        sa.ForeignKeyConstraint(["peer_id"], ["peers.id"], name=op.f("fk_calls_peer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
        sa.UniqueConstraint("sid", name=op.f("uq_calls_sid")),
        sqlite_autoincrement=True,
    )
    for column in ("filing_id", "peer_id", "state"):
        op.create_index(op.f(f"ix_calls_{column}"), "calls", [column], unique=False)


def _finders() -> None:
    op.create_table(
        "finders",
        sa.Column("id", c.Id(), nullable=False),
        sa.Column("filing_id", c.Id(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("ix", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["filing_id"], ["filings.id"], name=op.f("fk_finders_filing_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finders")),
    )
    for column in ("filing_id", "ix", "key_id"):
        op.create_index(op.f(f"ix_finders_{column}"), "finders", [column], unique=False)


def _sketches() -> None:
    op.create_table(
        "sketches",
        sa.Column("filing_id", c.Id(), nullable=False),
        sa.Column("key_id", sa.String(), server_default="", nullable=False),
        sa.Column("sketch", c.SealedBytes(), nullable=True),
        sa.ForeignKeyConstraint(["filing_id"], ["filings.id"], name=op.f("fk_sketches_filing_id")),
        sa.PrimaryKeyConstraint("filing_id", name=op.f("pk_sketches")),
    )
    op.create_index(op.f("ix_sketches_key_id"), "sketches", ["key_id"], unique=False)


def _crowds() -> None:
    op.create_table(
        "crowds",
        sa.Column("filing_id", c.Id(), nullable=False),
        sa.Column("at", c.UTCTime(), nullable=False),
        sa.Column("let_in_at", c.UTCTime(), nullable=True),
        sa.ForeignKeyConstraint(["filing_id"], ["filings.id"], name=op.f("fk_crowds_filing_id")),
        sa.PrimaryKeyConstraint("filing_id", name=op.f("pk_crowds")),
    )
    op.create_index(op.f("ix_crowds_let_in_at"), "crowds", ["let_in_at"], unique=False)
