"""What crosses between two networks: its files, its items, its cases."""

import sqlalchemy as sa
from alembic import op

from storage import columns as c

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None
min_code = 1  # the oldest code that may run on this schema

WAITING = sa.text("file_number IS NULL")


def upgrade() -> None:
    _files()
    _items()
    op.create_table(
        "relay_cases",
        sa.Column("filing_id", c.Id(), nullable=False),
        sa.Column("seq", sa.Integer(), server_default="0", nullable=False),
        sa.Column("mirror", c.SealedBytes(), nullable=True),
        sa.ForeignKeyConstraint(
            ["filing_id"], ["filings.id"], name=op.f("fk_relay_cases_filing_id")
        ),
        sa.PrimaryKeyConstraint("filing_id", name=op.f("pk_relay_cases")),
    )


def _files() -> None:
    op.create_table(
        "relay_files",
        sa.Column("id", c.Id(), nullable=False),
        sa.Column("sid", c.Sid(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("number", c.Id(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("blob", sa.String(), server_default="", nullable=False),
        sa.Column("size", sa.Integer(), server_default="0", nullable=False),
        sa.Column("items", sa.Integer(), server_default="0", nullable=False),
        sa.Column("cursor", c.Id(), server_default="0", nullable=False),
        sa.Column("name", sa.String(), server_default="", nullable=False),
        sa.Column("at", c.UTCTime(), nullable=False),
        sa.Column("placed_at", c.UTCTime(), nullable=True),
        sa.Column("acked_at", c.UTCTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relay_files")),
        sa.UniqueConstraint("direction", "number", name=op.f("uq_relay_files_direction_number")),
        sa.UniqueConstraint("sid", name=op.f("uq_relay_files_sid")),
        sqlite_autoincrement=True,
    )


def _items() -> None:
    op.create_table(
        "relay_items",
        sa.Column("id", c.Id(), nullable=False),
        sa.Column("sid", c.Sid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("filing_id", c.Id(), nullable=True),
        sa.Column("ref", sa.String(), server_default="", nullable=False),
        sa.Column("content", c.SealedBytes(), nullable=True),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("blob", sa.String(), server_default="", nullable=False),
        sa.Column("file_number", c.Id(), nullable=True),
        sa.Column("at", c.UTCTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["filing_id"], ["filings.id"], name=op.f("fk_relay_items_filing_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relay_items")),
        sa.UniqueConstraint("sid", name=op.f("uq_relay_items_sid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_relay_items_filing_id"), "relay_items", ["filing_id"], unique=False)
    op.create_index(
        op.f("ix_relay_items_file_number"), "relay_items", ["file_number"], unique=False
    )
    op.create_index(
        "ix_relay_items_waiting", "relay_items", ["id"], unique=False,
        postgresql_where=WAITING, sqlite_where=WAITING,
    )  # fmt: skip
