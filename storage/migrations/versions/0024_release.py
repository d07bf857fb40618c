"""Which release wrote a row of the outbox: what an older process cannot read waits."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None
min_code = 1  # the oldest code that may run on this schema


def upgrade() -> None:
    release = sa.Column("release", sa.Integer(), server_default="0", nullable=False)
    op.add_column("outbox", release)
