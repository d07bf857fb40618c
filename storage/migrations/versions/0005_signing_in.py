"""Second factors, accounts of the agency's own sign-in, the access log."""

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None
min_code = 1  # the oldest code that may run on this schema


def upgrade() -> None:
    pass
