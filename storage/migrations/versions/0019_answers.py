"""Where an answer comes from, what of it waits for a second person; why a question was dropped."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None
min_code = 1  # the oldest code that may run on this schema


def upgrade() -> None:
    with op.batch_alter_table("faqs") as table:
        table.add_column(sa.Column("origin", sa.String(), server_default="", nullable=False))
        table.add_column(sa.Column("proposed", sa.String(), server_default="", nullable=False))
    with op.batch_alter_table("questions") as table:
        table.add_column(sa.Column("reason", sa.String(), server_default="", nullable=False))
