"""Keys that are rotated while everything runs, keys of the desk, errands of the public part."""

import sqlalchemy as sa
from alembic import op

from storage import columns as c

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None
min_code = 1  # the oldest code that may run on this schema


def upgrade() -> None:
    with op.batch_alter_table("instance") as batch:
        batch.add_column(
            sa.Column("ring_version", sa.Integer(), server_default="0", nullable=False)
        )
    with op.batch_alter_table("key_checks") as batch:
        batch.add_column(sa.Column("mark", sa.String(), server_default="1", nullable=False))
        batch.add_column(
            sa.Column("writes", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch.add_column(sa.Column("kept", c.SealedBytes(), nullable=True))
    _desk_keys()
    _key_readers()
    _errands()


def _desk_keys() -> None:
    op.create_table(
        "desk_keys",
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("mark", sa.String(), server_default="1", nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.Column("writes", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("added_at", c.UTCTime(), nullable=False),
        sa.Column("retired_at", c.UTCTime(), nullable=True),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_desk_keys")),
    )


def _key_readers() -> None:
    op.create_table(
        "key_readers",
        sa.Column("process", sa.String(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("has", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("at", c.UTCTime(), nullable=False),
        sa.PrimaryKeyConstraint("process", "key_id", name=op.f("pk_key_readers")),
    )


def _errands() -> None:
    op.create_table(
        "errands",
        sa.Column("id", c.Id(), nullable=False),
        sa.Column("filing_id", c.Id(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("event", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("by_hand", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("expires_at", c.UTCTime(), nullable=True),
        sa.Column("valid_rule", sa.String(), server_default="", nullable=False),
        sa.Column("at", c.UTCTime(), nullable=False),
        sa.ForeignKeyConstraint(["filing_id"], ["filings.id"], name=op.f("fk_errands_filing_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_errands")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_errands_filing_id"), "errands", ["filing_id"], unique=False)
