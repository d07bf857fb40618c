"""Why a guard stands and since when, who stands in, what is restricted."""

import sqlalchemy as sa
from alembic import op

from storage import columns as c

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None
min_code = 1  # the oldest code that may run on this schema

STAND_IN = "ALTER TABLE filings ADD COLUMN stand_in_id INTEGER CONSTRAINT {} REFERENCES users (id)"


def upgrade() -> None:
    op.add_column("guards", sa.Column("reason", sa.String(), server_default="", nullable=False))
    op.add_column("guards", sa.Column("since", sa.Date(), nullable=True))
    op.add_column(
        "guards",
        sa.Column("proposed", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column("filings", sa.Column("restricted_at", c.UTCTime(), nullable=True))
    _stand_in()
    op.create_index(op.f("ix_filings_stand_in_id"), "filings", ["stand_in_id"], unique=False)
    _stand_ins()


def _stand_in() -> None:
    """Add a column that points at a user; SQLite takes it in one statement without a rebuild."""
    key = op.f("fk_filings_stand_in_id")
    if op.get_bind().dialect.name == "sqlite":
        op.execute(STAND_IN.format(key))
        return
    op.add_column("filings", sa.Column("stand_in_id", c.Id(), nullable=True))
    op.create_foreign_key(key, "filings", "users", ["stand_in_id"], ["id"])


def _stand_ins() -> None:
    op.create_table(
        "stand_ins",
        sa.Column("id", c.Id(), nullable=False),
        sa.Column("unit_id", c.Id(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("user_id", c.Id(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_stand_ins_unit_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_stand_ins_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stand_ins")),
        sa.UniqueConstraint("unit_id", "place", name=op.f("uq_stand_ins_unit_id_place")),
        sa.UniqueConstraint("unit_id", "user_id", name=op.f("uq_stand_ins_unit_id_user_id")),
    )
    op.create_index(op.f("ix_stand_ins_user_id"), "stand_ins", ["user_id"], unique=False)
