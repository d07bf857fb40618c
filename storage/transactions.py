"""One transaction per piece of work: `transact` writes, `read` looks.

On SQLite, where one writes at a time, works that wait for each other share a transaction: each has
a savepoint of its own, and none is answered before the commit of all.
"""

import contextlib
import copy
import os
import sqlite3
import threading
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TypeVar

import sqlalchemy as sa

from storage import faults, instance, lines, rotation
from storage.blobs import Blobs
from storage.crypto import KeyRing, Random
from storage.engine import WRITE
from storage.erasures import Entry, Ledger
from storage.errors import Again, Busy, SealError, UnknownKey
from storage.host import HostLock, Space, space
from storage.jobs import Job, told
from storage.keychain import Cache, Keychain
from storage.learning import Learner
from storage.line import Line
from storage.replica import Replica
from storage.unit import Key, Unit

T = TypeVar("T")
Kind = Literal["rehearsal", "service"]


def commit_it(transaction: sa.Transaction) -> None:
    """Commit; tests put a fault here, where the answer to COMMIT can get lost."""
    transaction.commit()


@dataclass
class Common:
    """What is the same in all pools of a process.

    `hold`: why nothing may leave (security S13); empty: it may. `busy`: how often somebody had to
    be told that the database was away or too busy.
    """

    ring: KeyRing
    hold: str = ""
    busy: int = 0


@dataclass
class Store:
    """The database and the files beside it. Made by `storage.store.open_store`.

    `pools` opens a pool for a part where one process holds several parts (PostgreSQL).
    """

    engine: sa.Engine
    common: Common
    blobs: Blobs
    data_dir: Path
    kind: Kind
    random: Random = os.urandom
    commit: Callable[[sa.Transaction], None] = commit_it
    host: HostLock | None = None
    erasures: Ledger | None = None
    cache: Cache = field(default_factory=Cache)
    line: Line[Sequence[Job]] = field(default_factory=Line)
    learner: Learner | None = None
    replica: Replica | None = None
    pools: Callable[[str], sa.Engine] | None = None
    _mine: threading.local = field(default_factory=threading.local)
    _pen: sa.Connection | None = None
    _parts: dict[str, "Store"] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._parts["work"] = self  # of a process with all parts; else nobody looks there

    @property
    def ring(self) -> KeyRing:
        return self.common.ring

    @ring.setter
    def ring(self, ring: KeyRing) -> None:
        self.common.ring = ring

    @property
    def hold(self) -> str:
        return self.common.hold

    @hold.setter
    def hold(self, why: str) -> None:
        self.common.hold = why

    @property
    def busy(self) -> int:
        return self.common.busy

    def of(self, part: str) -> "Store":
        """Give this store on the pool of a part, so that no part starves another (S20).

        Where the process is one part, and on SQLite, there is one pool. Ask while starting. The
        store that was opened has the pool of `work`.
        """
        if self.pools is None:
            return self
        if part not in self._parts:
            one = copy.copy(self)
            one.engine = self.pools(part)
            self._parts[part] = one
        return self._parts[part]

    def transact(
        self,
        work: Callable[[Unit], T],
        command_id: str | None,
        *,
        body: bytes = b"",
        again: Callable[[Unit], T] | None = None,
        tries: int = 3,
    ) -> T:
        """Run `work` in one transaction, and again on a conflict or a lost answer to COMMIT.

        `command_id` names the call; its mark stands in `inbox` in the same commit, so it is done
        once. A work that claims an inbox row itself (`inbox.claim`) has set its own mark.
        Repeated later, `again` finds the answer (else Repeated is raised); with another `body`
        it is a BodyConflict. None: work that may be done twice without harm (leases, settling).
        Raises Busy when the database is away or still locked after `tries`.
        """
        mark = None if command_id is None else Key("", 0, command_id)
        job = Job(work, mark, body, again)
        self.transact_all([job], tries=tries)
        if job.error is not None:
            raise job.error
        result: T = job.result
        return result

    def transact_all(self, jobs: Sequence[Job], *, tries: int = 3) -> None:
        """Do several works as `transact` does one; each is left with its result or its error.

        Where one writes at a time they share a commit, and none is answered before it.
        """
        left = list(jobs)
        self.keep_up()
        for _ in range(tries):
            for job in left:
                job.forget()
            self._attempt(left)
            left = [job for job in left if job.judge()]
            if not left:
                break
            if any(isinstance(job.error, UnknownKey) for job in left):
                self.keep_up(at_once=True)
        for job in left:
            job.give_up()
        self.common.busy += sum(isinstance(job.error, Busy) for job in jobs)

    @property
    def parallel(self) -> bool:
        """Tell whether several may write at the same time; on SQLite they stand in line."""
        return self.engine.dialect.name != "sqlite"

    @property
    def size(self) -> int:
        """Say how many connections this part may hold."""
        pool: Any = self.engine.pool
        return int(pool.size())

    def read(self, work: Callable[[Unit], T]) -> T:
        """Look at one moment of the database; nothing that `work` writes is kept."""
        self.keep_up()
        try:
            return self._look(work)
        except UnknownKey:
            self.keep_up(at_once=True)
            return self._look(work)
        except sa.exc.DBAPIError as error:
            if not faults.lost(error):
                raise told(error) from error.__cause__
        except sa.exc.TimeoutError as error:
            raise Busy("no connection is free") from error
        try:
            return self._look(work)  # the pool had kept a connection that was gone
        except sa.exc.DBAPIError as error:
            raise told(error) from error.__cause__

    def stale(self, work: Callable[[Unit], T], *, current: bool = False) -> T:
        """Like `read`, but the replica may answer, some seconds late (`storage.replica.BEHIND`).

        For what is searched, counted and published; never for what decides, for a person's own
        case, or for rights. `current`: only with everything that was committed before this call.
        """
        replica = self.replica
        if replica is not None and replica.fit(self._look, current=current):
            try:
                return self._look(work, replica.engine)
            except (sa.exc.DBAPIError, sa.exc.TimeoutError, SealError) as error:
                replica.failed(error)
        return self.read(work)

    def promote(self) -> bool:
        """Let the newest keys of the files write; False where they do already."""
        source = self.learner.source if self.learner is not None else self.ring
        done = self.transact(lambda unit: rotation.promote(unit, source), None)
        self.keep_up(at_once=True)
        return done

    def rewrap(self) -> int:
        """Finish a rotation: data keys and blind indexes under the keys that write; how many."""
        self.promote()
        done = 0
        while wrapped := self.transact(lambda unit: unit.keys.rewrap(), None):
            done += wrapped
        for again in (*rotation.REINDEX, rotation.reseal):
            while self.transact(again, None):
                pass
        return done

    def resume(self) -> None:
        """End the hold, because a person has looked at what would go out (security S13)."""
        self.transact(lambda unit: instance.release(unit.conn, self.blobs.root), None)
        self.hold = ""

    def space(self) -> Space:
        """Say how much room the disk of the data has."""
        return space(self.data_dir)

    def close(self) -> None:
        if self._pen is not None:
            self._pen.close()
            self._pen = None
        for one in self._parts.values():
            one.engine.dispose()
        if self.replica is not None:
            self.replica.engine.dispose()
        self.cache.clear()
        if self.host is not None:
            self.host.close()
            self.host = None

    def keep_up(self, *, at_once: bool = False) -> None:
        """Learn of keys that begin or end; between looks it costs a glance at the clock."""
        learner = self.learner
        if learner is None or not (at_once or learner.due()):
            return
        ring = learner.learn(self._look, at_once=at_once)
        if ring is not None:
            self.ring = ring
            if self.erasures is not None:
                self.erasures.ring = ring
        owed = learner.owes
        if owed is not None and not getattr(self._mine, "inside", False):
            learner.owes = None
            job = Job(lambda unit: rotation.acknowledge(unit, learner.process, owed))
            self._attempt([job])
            if job.error is not None:
                learner.owes = owed

    def _unit(self, conn: sa.Connection) -> Unit:
        chain = Keychain(conn, self.ring, self.cache, self.random)
        return Unit(conn, chain, conn.dialect.name, self.blobs, self.random)

    def _look(self, work: Callable[[Unit], T], engine: sa.Engine | None = None) -> T:
        with (engine or self.engine).connect() as conn:
            if conn.dialect.name == "postgresql":
                conn.execution_options(postgresql_readonly=True)
            with conn.begin() as transaction:
                result = work(self._unit(conn))
                if self.parallel:
                    # It could write nothing, and after a ROLLBACK psycopg forgets every prepared
                    # statement of the connection.
                    transaction.commit()
                else:
                    transaction.rollback()
                return result

    def _attempt(self, jobs: Sequence[Job]) -> None:
        with self._alone():
            if self.parallel:
                for job in jobs:
                    self._together([job])
                return
            try:
                self.line.join(jobs, self._in_line)
            except Busy as error:
                for job in jobs:
                    job.error = error

    def _in_line(self, groups: Sequence[Sequence[Job]]) -> None:
        self._together([job for group in groups for job in group])

    def _together(self, jobs: Sequence[Job]) -> None:
        """Do these in one transaction; each is left with its own outcome."""
        try:
            with self._writer() as conn, conn.begin() as transaction:
                if len(jobs) == 1:
                    jobs[0].do(self._unit(conn))
                else:
                    self._one_by_one(conn, jobs)
                self._commit(transaction, jobs)
            for job in jobs:
                if job.unit is not None and job.error is None:
                    job.unit.keys.committed()
        except BaseException as error:  # noqa: BLE001 - raised again where each was asked for
            if len(jobs) > 1:
                # One may have read a data key that another had just made: it never came to be.
                self.cache.clear()
            for job in jobs:
                job.error = job.error or error

    @contextlib.contextmanager
    def _writer(self) -> Generator[sa.Connection]:
        """Give a connection that writes; SQLite's one writer keeps his while all goes well."""
        kept, self._pen = self._pen, None
        conn = kept or self.engine.connect().execution_options(**{WRITE: True})
        try:
            yield conn
        except BaseException as error:
            if faults.moved(error):
                conn.invalidate(error)  # and with it all that lead there
            conn.close()
            raise
        if self.engine.dialect.name == "sqlite":
            self._pen = conn
        else:
            conn.close()

    def _one_by_one(self, conn: sa.Connection, jobs: Sequence[Job]) -> None:
        """Give each its own savepoint: what fails takes back only itself."""
        raw: Any = conn.connection.driver_connection
        try:
            for job in jobs:
                raw.execute("SAVEPOINT one")
                try:
                    job.do(self._unit(conn))
                except BaseException as error:  # noqa: BLE001
                    job.error = error
                    raw.execute("ROLLBACK TO one")
                raw.execute("RELEASE one")
        except sqlite3.Error as error:
            # A full disk takes back the whole transaction: the others begin again.
            raise Again from error

    def _commit(self, transaction: sa.Transaction, jobs: Sequence[Job]) -> None:
        gone = [
            one for job in jobs if job.error is None and job.unit is not None
            for one in job.unit.gone
        ]  # fmt: skip
        batch = self._note(gone)
        try:
            self.commit(transaction)
        except sa.exc.DBAPIError as error:
            if not faults.sqlstate(error) or faults.lost(error):
                for job in jobs:
                    if job.error is None:
                        job.lost()
            elif batch:
                self._void(batch, gone[0].at)
            raise  # else the server said no: nothing is there
        if lines.alone(transaction.connection):  # it may yet be gone: nobody is told of it
            raise Busy("the standby has not confirmed")

    def _note(self, gone: Sequence[Entry]) -> str:
        """Write the erasure ledger before the commit: a crash between loses no erasure (S13)."""
        if not gone or self.erasures is None:
            return ""
        try:
            return self.erasures.write(gone)
        except OSError as error:
            raise Busy("the erasure ledger cannot be written") from error

    def _void(self, batch: str, at: datetime) -> None:
        assert self.erasures is not None
        with contextlib.suppress(OSError):  # then a restore erases what was asked for anyway
            self.erasures.void(batch, at)

    @contextlib.contextmanager
    def _alone(self) -> Generator[None]:
        if getattr(self._mine, "inside", False):
            raise RuntimeError("transact inside transact")
        self._mine.inside = True
        try:
            yield
        finally:
            self._mine.inside = False
