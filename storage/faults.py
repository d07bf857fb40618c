"""Which database error means what for whoever tries again."""

import sqlite3

import sqlalchemy as sa

from storage.errors import StartRefused

READ_ONLY = "25006"
"""PostgreSQL: the server takes no writes, because another one is the primary now."""

RETRY_STATES = {"40001", "40P01", "55P03", "23505", READ_ONLY}
"""PostgreSQL: serialization failure, deadlock, lock timeout, unique violation of a race."""

GONE_CLASSES = ("08", "57P")
"""PostgreSQL: connection exceptions, and the server going away."""

BUSY_STATES = {"40001", "40P01", "55P03", "57014", "53100", "53300"}
"""PostgreSQL: the above, a cut statement, a full disk, too many connections."""

SQLITE_TWINS = {sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY}
SQLITE_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
SQLITE_DISK = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}

SQLITE_SAID = (
    (
        {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB},
        "SQLite 파일이 아니거나 깨졌습니다. 지우지 말고 옮겨 둔 뒤 백업에서 되살려 주세요",
    ),
    (
        {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN},
        "파일을 열거나 쓸 수 없습니다. 폴더와 파일의 권한을 봐 주세요",
    ),
    (SQLITE_BUSY, "다른 프로그램이 잡고 있습니다. 그것을 멈추고 다시 해 주세요"),
    (
        {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR},
        "디스크가 가득 찼거나 고장 났습니다. 디스크를 봐 주세요",
    ),
)
SERVER_SAID = {
    "28P01": "암호가 맞지 않습니다",
    "28000": "이 계정으로 들어갈 수 없습니다",
    "3D000": "그런 데이터베이스가 없습니다. 먼저 만들어 주세요",
    "42501": "이 계정에게 권한이 없습니다. 데이터베이스의 주인으로 jeokgeuk migrate를 해 주세요",
    "55P03": "다른 프로세스가 아직 준비하고 있습니다. 잠시 뒤에 다시 해 주세요",
    "57014": "데이터베이스가 너무 느립니다. 잠시 뒤에 다시 해 주세요",
}
"""Why the start ends here, in words for whoever starts the service."""

STATEMENT_POOL = (
    "PgBouncer가 문장마다 서버를 바꿉니다(pool_mode=statement). transaction이나 session으로 "
    "바꿔 주세요"
)


def sqlstate(error: sa.exc.DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""


def lost(error: sa.exc.DBAPIError) -> bool:
    """Tell whether the connection broke, so that nobody knows what the server did last."""
    return error.connection_invalidated or sqlstate(error).startswith(GONE_CLASSES)


def moved(error: BaseException) -> bool:
    """Tell whether who wanted to write has met a server that is not the primary any more."""
    return isinstance(error, sa.exc.DBAPIError) and sqlstate(error) == READ_ONLY


def again(error: sa.exc.DBAPIError) -> bool:
    """Tell whether the same work may succeed when it is run anew."""
    if isinstance(error.orig, sqlite3.Error):
        code = _code(error.orig)
        return code in SQLITE_TWINS or code & 0xFF in SQLITE_BUSY
    return lost(error) or sqlstate(error) in RETRY_STATES


def locked_out(error: sa.exc.DBAPIError) -> bool:
    """Tell whether a lock was not given in time."""
    return sqlstate(error) == "55P03"


def unavailable(error: sa.exc.DBAPIError) -> bool:
    """Tell whether the database is away, full or too slow, and not the work wrong."""
    if isinstance(error.orig, sqlite3.Error):
        return _code(error.orig) & 0xFF in SQLITE_BUSY | SQLITE_DISK
    no_server = isinstance(error, sa.exc.OperationalError) and not sqlstate(error)
    return lost(error) or sqlstate(error) in BUSY_STATES or no_server


def refusal(error: sa.exc.DBAPIError, url: sa.URL | None = None) -> StartRefused | None:
    """Say why a database cannot be opened, with its place and without its password.

    None for what is no fault of the place: a bug shall be seen.
    """
    if isinstance(error.orig, sqlite3.Error):
        code = _code(error.orig) & 0xFF
        reason = next((said for codes, said in SQLITE_SAID if code in codes), None)
        place = (url.database if url else "") or "sqlite"
    else:
        reason = SERVER_SAID.get(sqlstate(error))
        if "statement pooling" in str(error.orig):
            reason = STATEMENT_POOL
        elif "read-only" in str(error.orig):
            reason = (
                "쓸 수 없는 서버입니다(대기 서버이거나 읽기 전용). 주 서버의 주소를 적어 주세요"
            )
        elif reason is None and unavailable(error):
            reason = "데이터베이스가 답하지 않습니다. 주소와 암호, 서버가 켜져 있는지 봐 주세요"
        place = f"{_hosts(url)}/{url.database or ''}" if url else "database"
    return StartRefused("DATABASE_URL", place, reason) if reason else None


def _hosts(url: sa.URL) -> str:
    listed = url.query.get("host", "")
    several = listed if isinstance(listed, str) else ",".join(listed)
    return several if url.host is None and several else f"{url.host or ''}:{url.port or 5432}"


def _code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0)
