"""Who stands in, what is restricted."""

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None
min_code = 1  # the oldest code that may run on this schema


def upgrade() -> None:
    pass
