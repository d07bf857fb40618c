"""Saved views, answer templates, numbers of other systems."""

import sqlalchemy as sa
from alembic import op

from storage import columns as c

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None
min_code = 1  # the oldest code that may run on this schema


def upgrade() -> None:
    _saved_views()
    _templates()
    _external_numbers()


def _saved_views() -> None:
    op.create_table(
        "saved_views",
        sa.Column("id", c.Id(), nullable=False),
        sa.Column("user_id", c.Id(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("created_at", c.UTCTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_saved_views_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sa.UniqueConstraint("user_id", "name", name=op.f("uq_saved_views_user_id_name")),
    )


def _templates() -> None:
    op.create_table(
        "templates",
        sa.Column("id", c.Id(), nullable=False),
        sa.Column("procedure", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("unit_id", c.Id(), nullable=True),
        sa.Column("by_user_id", c.Id(), nullable=True),
        sa.Column("created_at", c.UTCTime(), nullable=False),
        sa.Column("ended_at", c.UTCTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_user_id"], ["users.id"], name=op.f("fk_templates_by_user_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_templates_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_templates")),
        sqlite_autoincrement=True,
    )


def _external_numbers() -> None:
    op.create_table(
        "external_numbers",
        sa.Column("filing_id", c.Id(), nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("number", c.SealedBytes(), nullable=True),
        sa.Column("number_ix", sa.LargeBinary(), nullable=True),
        sa.Column("ix_key_id", sa.String(), server_default="", nullable=False),
        sa.Column("due_at", c.UTCTime(), nullable=True),
        sa.Column("by_user_id", c.Id(), nullable=True),
        sa.Column("at", c.UTCTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_user_id"], ["users.id"], name=op.f("fk_external_numbers_by_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["filing_id"], ["filings.id"], name=op.f("fk_external_numbers_filing_id")
        ),
        sa.PrimaryKeyConstraint("filing_id", name=op.f("pk_external_numbers")),
    )
    op.create_index(
        op.f("ix_external_numbers_number_ix"), "external_numbers", ["number_ix"], unique=False
    )
