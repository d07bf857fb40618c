"""Calls, call-backs, finding a caller, repeats."""

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None
min_code = 1  # the oldest code that may run on this schema


def upgrade() -> None:
    pass
