"""The inbox in parts, what sweeps look for in an index, and how hot tables are vacuumed (S16).

On PostgreSQL the rows of the inbox are copied beforehand, while everybody goes on; the swap then
brings what has come since and changes the names.
"""

# ruff: noqa: S608 - the names are our own
import sqlalchemy as sa
from alembic import op

from storage import tuning

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None
min_code = 1  # the oldest code that may run on this schema

BEFORE = {"inbox": "copy", "outbox": "index"}  # what `before` does with which table
OVERLAP = "10 minutes"  # no transaction of ours lasts so long: later rows alone can be missing

_ANSWERED = "answer IS NOT NULL"
_FAILED = "status IN ('dead', 'quarantined', 'unknown')"
_SETTLED = "status IN ('sent', 'dropped')"
INDEXES = (
    ("ix_outbox_settled_at", "settled_at", _SETTLED),
    ("ix_outbox_failed", "id", _FAILED),
)

_KEY = "account, peer_id, update_id"
_SAME = "n.account = o.account AND n.peer_id = o.peer_id AND n.update_id = o.update_id"
MAKE = (
    "DROP TABLE IF EXISTS inbox_new, inbox_changed",
    "CREATE TABLE inbox_new (LIKE inbox INCLUDING DEFAULTS) PARTITION BY HASH (peer_id)",
    *(
        f"CREATE TABLE inbox_p{n} PARTITION OF inbox_new "
        f"FOR VALUES WITH (MODULUS {tuning.PARTS}, REMAINDER {n}) {tuning.shipped('inbox')}"
        for n in range(tuning.PARTS)
    ),
    "CREATE TABLE inbox_changed AS SELECT account, peer_id, update_id FROM inbox LIMIT 0",
)
# An answer that is taken out while we copy must not come back with the copy.
WATCH = (
    "DROP FUNCTION IF EXISTS inbox_watch() CASCADE",
    """CREATE FUNCTION inbox_watch() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path FROM CURRENT AS $$ BEGIN
      INSERT INTO inbox_changed VALUES (NEW.account, NEW.peer_id, NEW.update_id); RETURN NULL;
    END $$""",
    """CREATE TRIGGER inbox_watch AFTER UPDATE ON inbox
    FOR EACH ROW EXECUTE FUNCTION inbox_watch()""",
)
COPY = (
    "INSERT INTO inbox_new SELECT * FROM inbox",
    f"ALTER TABLE inbox_new ADD CONSTRAINT pk_inbox_new PRIMARY KEY ({_KEY})",
    "CREATE INDEX ix_inbox_new_at ON inbox_new (at)",
    f"CREATE INDEX ix_inbox_answered ON inbox_new (at) WHERE {_ANSWERED}",
    "ANALYZE inbox_new",
)
# Locked, because a row that comes while we look would be lost. Its rights go over in the same
# breath: whoever reads and writes now does so a moment later.
SWAP = (
    "LOCK TABLE inbox IN ACCESS EXCLUSIVE MODE",
    f"""CREATE TEMPORARY TABLE inbox_since ON COMMIT DROP AS
    SELECT coalesce(max(at) - interval '{OVERLAP}', '-infinity') AS at FROM inbox_new""",
    "ANALYZE inbox_since",
    "ANALYZE inbox_changed",
    f"""INSERT INTO inbox_new SELECT o.* FROM inbox o
    WHERE o.at >= (SELECT at FROM inbox_since) AND NOT EXISTS (
      SELECT 1 FROM inbox_new n WHERE n.at >= (SELECT at FROM inbox_since) AND {_SAME})""",
    f"""UPDATE inbox_new n SET answer = o.answer
    FROM inbox o JOIN (SELECT DISTINCT * FROM inbox_changed) c USING ({_KEY})
    WHERE {_SAME} AND n.answer IS DISTINCT FROM o.answer""",
    """DO $$ DECLARE line record; BEGIN
    FOR line IN SELECT p.relid, pg_get_userbyid(c.relowner) AS owner
                FROM pg_partition_tree('inbox_new') p, pg_class c WHERE c.oid = 'inbox'::regclass LOOP
      EXECUTE format('ALTER TABLE %%s OWNER TO %%I', line.relid::regclass, line.owner);
    END LOOP;
    FOR line IN SELECT a.privilege_type AS may, a.grantee FROM pg_class, aclexplode(relacl) AS a
                WHERE oid = 'inbox'::regclass LOOP
      EXECUTE format('GRANT %%s ON inbox_new TO %%s', line.may, CASE line.grantee
        WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(line.grantee)) END);
    END LOOP; END $$""",
    "DROP TABLE inbox, inbox_changed",
    "DROP FUNCTION IF EXISTS inbox_watch()",
    "ALTER TABLE inbox_new RENAME TO inbox",
    "ALTER TABLE inbox RENAME CONSTRAINT pk_inbox_new TO pk_inbox",
    "ALTER INDEX ix_inbox_new_at RENAME TO ix_inbox_at",
)


def before(engine: sa.Engine) -> None:
    """Copy the inbox and build what the outbox lacks, beside a service that goes on."""
    for statements in ((*MAKE, *WATCH), COPY):
        with engine.begin() as conn:
            for statement in statements:
                conn.exec_driver_sql(statement)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        for name, column, where in INDEXES:
            conn.exec_driver_sql(f"DROP INDEX IF EXISTS {name}")  # one that was left half built
            conn.exec_driver_sql(
                f"CREATE INDEX CONCURRENTLY {name} ON outbox ({column}) WHERE {where}"
            )


def upgrade() -> None:
    conn = op.get_bind()
    if conn.dialect.name == "sqlite":
        _index("ix_inbox_answered", "inbox", "at", _ANSWERED)
    for name, column, where in INDEXES:
        _index(name, "outbox", column, where)
    tuning.put(conn)
    if conn.dialect.name == "postgresql":
        fresh = conn.scalar(sa.text("SELECT to_regclass('inbox_new')")) is None
        for statement in (*MAKE, *COPY, *SWAP) if fresh else SWAP:
            conn.exec_driver_sql(statement)


def _index(name: str, table: str, column: str, where: str) -> None:
    """Build an index unless `before` has; asking with IF NOT EXISTS would lock the table."""
    conn = op.get_bind()
    if conn.dialect.name == "postgresql":
        found = sa.text("SELECT to_regclass(:name)")
        if conn.scalar(found, {"name": name}) is not None:
            return
    condition = sa.text(where)
    op.create_index(
        name, table, [column], unique=False, postgresql_where=condition, sqlite_where=condition
    )
