"""Cases that are held back from what is sent out."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None
min_code = 1  # the oldest code that may run on this schema


def upgrade() -> None:
    op.add_column(
        "cases", sa.Column("held", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
