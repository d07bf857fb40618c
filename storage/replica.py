"""A copy of the primary that may be read: for the search, statistics and what is published.

How far it is behind is not asked of its clock, because a copy that hears nothing of its primary
believes itself up to date, and one of an idle primary looks old. The primary's position in its
log is noted with the time; the copy is as fresh as the newest noted position that it has reached.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from storage import faults, roles
from storage.engine import file_of, open_engine, parse_url
from storage.errors import SealError, StartRefused
from storage.limits import COPY
from storage.models import instance

SETTING = "DATABASE_REPLICA_URL"
BEHIND = 10.0
"""Seconds: a copy further behind is not read. What is published is kept for a minute by browsers
and proxies anyway."""
LOOK = 1.0
"""Seconds between two looks at how far it is."""
AWAY = 5.0
"""Seconds for which a copy that did not answer is left alone: nobody shall wait for it each time."""
PATIENCE, PAUSE = 0.3, 0.02
"""Seconds that who needs the present state waits for the copy, and between its questions."""

_HERE = sa.text("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')")
_THERE = sa.text(
    "SELECT pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() "
    "ELSE pg_current_wal_lsn() END, '0/0')"
)
Look = Callable[..., Any]


@dataclass
class Replica:
    """`look(work, engine)` reads in a transaction; without an engine it reads the primary.

    `wrong` is why it is not read at all: it is no copy of ours, or its account passes the walls.
    """

    engine: sa.Engine
    generation: str
    part: str
    clock: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = time.sleep
    wrong: StartRefused | None = None
    known: bool = False
    _noted: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=32))
    _fresh: float = float("-inf")
    _next: float = float("-inf")
    _away: float = float("-inf")
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def fit(self, look: Look, *, current: bool = False) -> bool:
        """Tell whether it may be read now."""
        now = self.clock()
        if self.wrong is not None or now < self._away:
            return False
        try:
            if current:
                return self._caught_up(look)
            if now >= self._next and self._turn.acquire(blocking=False):
                try:
                    self._measure(look)
                    self._next = self.clock() + LOOK
                finally:
                    self._turn.release()
        except (sa.exc.DBAPIError, sa.exc.TimeoutError) as error:
            self.failed(error)
            return False
        return self.known and self.clock() - self._fresh <= BEHIND

    @property
    def behind(self) -> float:
        """Say how many seconds ago it was seen to have all that the primary had."""
        return self.clock() - self._fresh

    def failed(self, error: BaseException) -> None:
        """Leave it alone for a while; a work that it cannot do is its own matter."""
        late = isinstance(error, SealError)  # its key has not come yet
        state = faults.sqlstate(error) if isinstance(error, sa.exc.DBAPIError) else ""
        if not late and state not in faults.RETRY_STATES:
            self._away = self.clock() + AWAY

    def check(self, conn: sa.Connection) -> None:
        """Refuse what is no copy of this database, or an account that passes its walls.

        One that has not even heard yet of this instance is asked again.
        """
        try:
            generation = conn.execute(sa.select(instance.c.generation)).scalar()
        except sa.exc.ProgrammingError:  # there is no such table, or not for this account
            generation = ""
        if generation is None:
            return
        if generation != self.generation:
            raise StartRefused(SETTING, "instance", "이 데이터베이스의 복제본이 아닙니다")
        try:
            roles.refuse(roles.standing(conn), self.part)
        except StartRefused as refused:
            raise StartRefused(SETTING, refused.key, refused.reason) from None
        self.known = True

    def _measure(self, look: Look) -> None:
        asked = self.clock()
        here = look(_here)
        self._noted.append((asked, here))
        there = look(self._there, self.engine)
        reached = [at for at, position in self._noted if position <= there]
        self._fresh = max(reached, default=self._fresh)

    def _caught_up(self, look: Look) -> bool:
        here = look(_here)
        until = self.clock() + PATIENCE
        while look(self._there, self.engine) < here:
            if self.clock() >= until:
                return False
            self.pause(PAUSE)
        return self.known

    def _there(self, unit: Any) -> int:
        if not self.known and self.wrong is None:
            try:
                self.check(unit.conn)
            except StartRefused as refused:
                self.wrong = refused
                self.known = False
        return int(unit.conn.execute(_THERE).scalar_one())


def _here(unit: Any) -> int:
    return int(unit.conn.execute(_HERE).scalar_one())


def opened(
    replica_url: str, primary: sa.URL, generation: str, part: str, pool: int
) -> Replica | None:
    """Open the replica, if there is one; away it stops no start, wrong it does (StartRefused)."""
    if not replica_url:
        return None
    if file_of(primary) is not None:
        raise StartRefused(SETTING, "sqlite", "PostgreSQL에서만 씁니다")
    url = parse_url(replica_url, SETTING)
    if file_of(url) is not None:
        raise StartRefused(SETTING, "sqlite", "PostgreSQL 주소여야 합니다")
    made = Replica(open_engine(url, pool=pool, limits=COPY, writes=False), generation, part)
    try:
        with made.engine.connect() as conn, conn.begin():
            made.check(conn)
    except sa.exc.DBAPIError:
        made.failed(sa.exc.TimeoutError())
    except StartRefused:
        made.engine.dispose()
        raise
    return made
