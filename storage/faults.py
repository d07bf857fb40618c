"""Which database error means what for whoever tries again."""

import sqlalchemy as sa

RETRY_STATES = {"40001", "40P01", "55P03", "23505"}
"""PostgreSQL: serialization failure, deadlock, lock timeout, unique violation of a race."""

GONE_CLASSES = ("08", "57P")
"""PostgreSQL: connection exceptions, and the server going away."""


def sqlstate(error: sa.exc.DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""


def lost(error: sa.exc.DBAPIError) -> bool:
    """Tell whether the connection broke, so that nobody knows what the server did last."""
    return error.connection_invalidated or sqlstate(error).startswith(GONE_CLASSES)


def again(error: sa.exc.DBAPIError) -> bool:
    """Tell whether the same work may succeed when it is run anew."""
    if lost(error) or sqlstate(error) in RETRY_STATES:
        return True
    words = str(error.orig)
    return "database is locked" in words or "UNIQUE constraint failed" in words


def unavailable(error: sa.exc.DBAPIError) -> bool:
    """Tell whether the database is away or too slow, not the work wrong."""
    busy = sqlstate(error) in {"40001", "40P01", "55P03", "57014"}
    words = str(error.orig)
    full = "database or disk is full" in words or "disk I/O error" in words
    no_server = isinstance(error, sa.exc.OperationalError) and not sqlstate(error)
    return lost(error) or busy or full or no_server
