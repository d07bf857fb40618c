"""Who works where and when, deputies, what two persons decide."""

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None
min_code = 1  # the oldest code that may run on this schema


def upgrade() -> None:
    pass
