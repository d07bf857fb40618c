"""Saved views, answer templates, numbers of other systems."""

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None
min_code = 1  # the oldest code that may run on this schema


def upgrade() -> None:
    pass
