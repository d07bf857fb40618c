"""What is watched: silence, budgets."""

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None
min_code = 1  # the oldest code that may run on this schema


def upgrade() -> None:
    pass
