"""Run by Alembic inside the transaction that `storage.migrate` has opened."""

from alembic import context

from storage.models import metadata
from storage.tuning import is_known

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    # SQLite cannot alter most of a table: it is rebuilt, with foreign keys off (security S23).
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    include_name=is_known,
)
context.run_migrations()
