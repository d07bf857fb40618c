"""What has ended, by when it came, for a list that begins at the newest; what is sent, in turn.

On PostgreSQL both are built beforehand, while everybody goes on.
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None
min_code = 1  # the oldest code that may run on this schema

BEFORE = {"filings": "index", "outbox": "index"}  # what `before` does with which table

_WAITING = "status IN ('pending', 'sending')"
_ENDED = "closed_at IS NOT NULL"
INDEXES = (
    ("ix_filings_closed", "filings", ["arrived_at", "id"], _ENDED),
    # With the id in it, what is due at one moment need not be sorted before the first is taken.
    ("ix_outbox_in_turn", "outbox", ["channel", "rank", "due_at", "id"], _WAITING),
)


def before(engine: sa.Engine) -> None:
    """Build the indexes beside a service that goes on."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        for name, table, columns, where in INDEXES:
            conn.exec_driver_sql(f"DROP INDEX IF EXISTS {name}")  # one that was left half built
            on = f"{table} ({', '.join(columns)})"
            conn.exec_driver_sql(f"CREATE INDEX CONCURRENTLY {name} ON {on} WHERE {where}")


def upgrade() -> None:
    conn = op.get_bind()
    for name, table, columns, where in INDEXES:
        # Asking with IF NOT EXISTS would lock the table.
        found = sa.text("SELECT to_regclass(:name)")
        if conn.dialect.name == "postgresql" and conn.scalar(found, {"name": name}) is not None:
            continue
        some = sa.text(where)
        op.create_index(
            name, table, columns, unique=False, postgresql_where=some, sqlite_where=some
        )
    op.drop_index("ix_outbox_waiting", table_name="outbox")
