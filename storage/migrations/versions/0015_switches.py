"""What officials say of the world outside: another office's portal is down."""

import sqlalchemy as sa
from alembic import op

from storage import columns as c

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None
min_code = 1  # the oldest code that may run on this schema


def upgrade() -> None:
    op.create_table(
        "switches",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("on", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("at", c.UTCTime(), nullable=False),
        sa.Column("by_id", c.Id(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_switches_by_id")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_switches")),
        sqlite_with_rowid=False,
    )
