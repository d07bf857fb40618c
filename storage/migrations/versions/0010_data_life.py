"""Holds, transfers, destruction, requests about one's own data."""

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None
min_code = 1  # the oldest code that may run on this schema


def upgrade() -> None:
    pass
