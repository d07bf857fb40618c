"""The lines to PostgreSQL: none is waited on for ever, none is used on which nobody answers.

Servers fail over, proxies swallow packets and poolers share sessions. So each exchange ends at a
time of our own; a line that has ended while it lay in the pool is noticed without asking; one to
a server that may not be written to is given up, and so are all that are as old as a lost one. Behind a
pooler (PgBouncer) nothing is left in the session: limits are told in every transaction.
"""

import select
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from storage.limits import Limits

LINE, BORN, FRESH = "jeokgeuk_line", "jeokgeuk_born", "jeokgeuk_fresh"

TCP = {
    "keepalives": 1, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}  # fmt: skip
"""A host that vanished is noticed by the kernel after 10 (said something) to 25 s (silent)."""


class Line:
    """Stands in the place of psycopg's `Connection.wait`, through which every exchange goes.

    `answer` is how many seconds the server may take, None for as long as it likes. `pooled`: a
    pooler stands between, and the session is not ours.
    """

    def __init__(self, raw: Any, answer: float | None, *, pooled: bool = False) -> None:
        self._raw = weakref.ref(raw)
        self.answer = answer
        self.pooled = pooled
        self.alone = False  # the last COMMIT is on no other server that it should have reached

    def heard(self, notice: Any) -> None:
        """Hear that a COMMIT was cut short while it waited for the standby (it is a warning)."""
        self.alone = self.alone or notice.source_function == "SyncRepWaitForLSN"

    def __call__(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        raw: Any = self._raw()
        try:
            return type(raw).wait(raw, gen, interval, self.answer if timeout is None else timeout)
        except BaseException as error:
            if raw.pgconn.transaction_status == _active() and not _whole(error):
                raw.pgconn.finish()  # it was left in the middle: whatever comes is no answer to us
            raise


def _active() -> Any:
    from psycopg.pq import TransactionStatus  # noqa: PLC0415 - an extra of the package

    return TransactionStatus.ACTIVE


def _whole(error: BaseException) -> bool:
    """Tell whether the line is as it should be though others of a pipeline are on their way.

    So it is where the server answered, if with an error, and where the driver refused a value.
    """
    from psycopg import Error, ProgrammingError  # noqa: PLC0415 - an extra of the package

    return isinstance(error, ProgrammingError) or (
        isinstance(error, Error) and error.sqlstate is not None
    )


def listen(engine: sa.Engine, limits: Limits, *, writes: bool = True) -> None:
    """Watch over the lines of an engine. `writes`: it is of use only where one may write."""
    watch = _Watch(limits, writes=writes)
    event.listen(engine, "do_connect", watch.do_connect)
    event.listen(engine, "connect", watch.connect, insert=True)
    event.listen(engine, "checkout", watch.checkout)
    event.listen(engine, "invalidate", watch.invalidate)
    event.listen(engine, "begin", watch.begin)


class _Watch:
    """What is known of the lines of one engine. `_lost`: older ones are not used again."""

    def __init__(
        self, limits: Limits, *, writes: bool, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limits = limits
        self._writes = writes
        self._clock = clock
        self._lost = float("-inf")
        self._bare = False  # the pooler takes no `options`

    def do_connect(self, dialect: sa.Dialect, _record: Any, args: Any, params: Any) -> Any:
        """Connect; a pooler that refuses `options` is asked without."""
        made: Any = dialect
        if not self._bare:
            try:
                return made.connect(*args, **params)
            except made.loaded_dbapi.OperationalError as error:
                if "startup parameter" not in str(error):
                    raise
        bare = {name: value for name, value in params.items() if name != "options"}
        raw = made.connect(*args, **bare)
        self._bare = True
        return raw

    def connect(self, raw: Any, record: Any) -> None:
        """Bound its exchanges, and look whether it is the server that we talk with."""
        record.info[BORN], record.info[FRESH] = self._clock(), True
        line = record.info[LINE] = raw.wait = Line(raw, self._limits.answer)
        raw.add_notice_handler(line.heard)
        raw.autocommit = True
        (server,) = raw.execute("SELECT pg_backend_pid()").fetchone()
        raw.autocommit = False
        line.pooled = self._bare or server != raw.info.backend_pid
        # A statement that was prepared on one server's session is unknown to the next.
        raw.prepare_threshold = None if line.pooled else 5

    def checkout(self, raw: Any, record: Any, _proxy: object) -> None:
        """Use no line of which it is known already that it leads nowhere; costs no exchange."""
        if record.info.pop(FRESH, False):
            return
        if record.info[BORN] < self._lost:
            raise sa.exc.DisconnectionError("as old as one that was lost")
        if _spoke(raw) or (self._writes and _read_only(raw)):
            self._lost = self._clock()
            raise sa.exc.DisconnectionError("the server has said good-bye")

    def invalidate(self, _raw: Any, record: Any, error: BaseException | None) -> None:
        """Note that a line broke; the others of its age lead to the same server."""
        ours = isinstance(error, sa.exc.DisconnectionError)
        if error is not None and not ours and record.info.get(BORN, self._lost) >= self._lost:
            self._lost = self._clock()

    def begin(self, conn: sa.Connection) -> None:
        """Tell a session that is not ours what holds for this transaction."""
        if conn.info[LINE].pooled:
            raw: Any = conn.connection.driver_connection
            told = self._limits.settings()
            calls = ", ".join(f"set_config('{name}', %s, true)" for name in told)
            raw.execute(f"SELECT {calls}", tuple(told.values()))


def _spoke(raw: Any) -> bool:
    """Tell whether an idle server has said something: it is leaving, or has left."""
    waiting = select.poll()
    waiting.register(raw.fileno(), select.POLLIN)
    return bool(waiting.poll(0))


def _read_only(raw: Any) -> bool:
    """Tell whether the server has told us, from PostgreSQL 14 on, that nobody may write there."""
    said = raw.pgconn.parameter_status
    return b"on" in {said(b"in_hot_standby"), said(b"default_transaction_read_only")}


def alone(conn: sa.Connection) -> bool:
    """Tell, once, whether what was committed has not reached the standby that is waited for."""
    line: Line | None = conn.info.get(LINE)
    if line is None or not line.alone:
        return False
    line.alone = False
    return True


def pooled(conn: sa.Connection) -> bool:
    """Tell whether a pooler stands between us and the server."""
    line = conn.info.get(LINE)
    return line is not None and line.pooled


@contextmanager
def patient(conn: sa.Connection, seconds: float) -> Iterator[None]:
    """Let statements inside take as long as this; 0 is for ever. Then it is as before."""
    line: Line | None = conn.info.get(LINE)
    if line is None:
        yield
        return
    names = ("lock_timeout", "statement_timeout")
    answer = line.answer
    before = {name: conn.scalar(sa.select(sa.func.current_setting(name))) for name in names}
    limits = Limits(statement=seconds, lock=seconds, wait=0, connect=0)
    _tell(conn, {name: limits.settings()[name] for name in names})
    line.answer = limits.answer
    try:
        yield
        _tell(conn, before)
    finally:
        line.answer = answer


def _tell(conn: sa.Connection, told: dict[str, Any]) -> None:
    for name, value in told.items():
        conn.execute(sa.select(sa.func.set_config(name, value, True)))
