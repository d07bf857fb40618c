"""Roles of PostgreSQL, row-level security, keys of the desk."""

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None
min_code = 1  # the oldest code that may run on this schema


def upgrade() -> None:
    pass
