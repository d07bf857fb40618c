"""Which database error means what for whoever tries again."""

import sqlite3

import sqlalchemy as sa

RETRY_STATES = {"40001", "40P01", "55P03", "23505"}
"""PostgreSQL: serialization failure, deadlock, lock timeout, unique violation of a race."""

GONE_CLASSES = ("08", "57P")
"""PostgreSQL: connection exceptions, and the server going away."""

BUSY_STATES = {"40001", "40P01", "55P03", "57014", "53100", "53300"}
"""PostgreSQL: the above, a cut statement, a full disk, too many connections."""

SQLITE_TWINS = {sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY}
SQLITE_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
SQLITE_DISK = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}


def sqlstate(error: sa.exc.DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""


def lost(error: sa.exc.DBAPIError) -> bool:
    """Tell whether the connection broke, so that nobody knows what the server did last."""
    return error.connection_invalidated or sqlstate(error).startswith(GONE_CLASSES)


def again(error: sa.exc.DBAPIError) -> bool:
    """Tell whether the same work may succeed when it is run anew."""
    if isinstance(error.orig, sqlite3.Error):
        code = _code(error.orig)
        return code in SQLITE_TWINS or code & 0xFF in SQLITE_BUSY
    return lost(error) or sqlstate(error) in RETRY_STATES


def unavailable(error: sa.exc.DBAPIError) -> bool:
    """Tell whether the database is away, full or too slow, and not the work wrong."""
    if isinstance(error.orig, sqlite3.Error):
        return _code(error.orig) & 0xFF in SQLITE_BUSY | SQLITE_DISK
    no_server = isinstance(error, sa.exc.OperationalError) and not sqlstate(error)
    return lost(error) or sqlstate(error) in BUSY_STATES or no_server


def _code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0)
