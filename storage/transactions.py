"""One transaction per piece of work: `transact` writes, `read` looks."""

import contextlib
import os
import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NoReturn, TypeVar

import sqlalchemy as sa

from storage import faults, instance
from storage.blobs import Blobs
from storage.crypto import KeyRing, Random
from storage.engine import WRITE
from storage.errors import Again, Busy, Repeated
from storage.fair import FairLock
from storage.host import HostLock, Space, space
from storage.keychain import Cache, Keychain
from storage.repositories import inbox, peers
from storage.unit import Key, Unit

T = TypeVar("T")
Kind = Literal["rehearsal", "service"]


def commit_it(transaction: sa.Transaction) -> None:
    """Commit; tests put a fault here, where the answer to COMMIT can get lost."""
    transaction.commit()


@dataclass(frozen=True, slots=True)
class _Kept:
    """What a work gave whose COMMIT was sent and never answered."""

    key: Key | None
    result: Any


class _AnswerLost(Exception):  # noqa: N818
    def __init__(self, kept: _Kept) -> None:
        super().__init__()
        self.kept = kept


@dataclass
class Store:
    """The database and the files beside it. Made by `storage.store.open_store`."""

    engine: sa.Engine
    ring: KeyRing
    blobs: Blobs
    data_dir: Path
    kind: Kind
    hold: str = ""  # why nothing may leave (security S13); empty: it may
    random: Random = os.urandom
    commit: Callable[[sa.Transaction], None] = commit_it
    host: HostLock | None = None
    cache: Cache = field(default_factory=Cache)
    line: FairLock = field(default_factory=FairLock)
    _mine: threading.local = field(default_factory=threading.local)

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
        kept: _Kept | None = None
        problem: Exception | None = None
        for _ in range(tries):
            try:
                return self._attempt(work, command_id, body, again, kept)
            except _AnswerLost as lost:
                kept, problem = lost.kept, lost
            except Again as error:
                problem = error
            except sa.exc.DBAPIError as error:
                if not faults.again(error):
                    _tell(error)
                problem = error
            except sa.exc.TimeoutError as error:
                raise Busy("no connection is free") from error
        if isinstance(problem, sa.exc.IntegrityError):
            raise problem
        raise Busy("the work could not be done") from problem

    def read(self, work: Callable[[Unit], T]) -> T:
        """Look at one moment of the database; nothing that `work` writes is kept."""
        try:
            return self._look(work)
        except sa.exc.DBAPIError as error:
            if not faults.lost(error):
                _tell(error)
        except sa.exc.TimeoutError as error:
            raise Busy("no connection is free") from error
        try:
            return self._look(work)  # the pool had kept a connection that was gone
        except sa.exc.DBAPIError as error:
            _tell(error)

    def rewrap(self) -> int:
        """Finish a rotation: data keys and blind indexes under the first key; gives how many."""
        done = 0
        while wrapped := self.transact(lambda unit: unit.keys.rewrap(), None):
            done += wrapped
        while self.transact(peers.reindex, None):
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
        self.engine.dispose()
        self.cache.clear()
        if self.host is not None:
            self.host.close()
            self.host = None

    def _unit(self, conn: sa.Connection) -> Unit:
        chain = Keychain(conn, self.ring, self.cache, self.random)
        return Unit(conn, chain, conn.dialect.name, self.blobs, self.random)

    def _look(self, work: Callable[[Unit], T]) -> T:
        with self.engine.connect() as conn:
            if conn.dialect.name == "postgresql":
                conn.execution_options(postgresql_readonly=True)
            with conn.begin() as transaction:
                result = work(self._unit(conn))
                transaction.rollback()
                return result

    def _attempt(
        self,
        work: Callable[[Unit], T],
        command_id: str | None,
        body: bytes,
        again: Callable[[Unit], T] | None,
        kept: _Kept | None,
    ) -> T:
        with self._turn(), self.engine.connect() as conn:
            conn.execution_options(**{WRITE: True})
            with conn.begin() as transaction:
                unit = self._unit(conn)
                if kept is not None and kept.key is not None and inbox.has(unit, kept.key):
                    result: T = kept.result
                    return result
                mark = None if command_id is None else Key("", 0, command_id)
                if mark is not None and inbox.repeated(unit, mark, body):
                    if again is None:
                        raise Repeated(command_id)
                    return again(unit)
                result = work(unit)
                if mark is not None and unit.claimed is None:
                    inbox.mark(unit, mark, body)
                self._commit(transaction, _Kept(unit.claimed or mark, result))
            unit.keys.committed()
            return result

    def _commit(self, transaction: sa.Transaction, kept: _Kept) -> None:
        try:
            self.commit(transaction)
        except sa.exc.DBAPIError as error:
            if faults.sqlstate(error) and not faults.lost(error):
                raise  # the server said no: nothing is there
            raise _AnswerLost(kept) from error

    @contextlib.contextmanager
    def _turn(self) -> Generator[None]:
        """SQLite has one writer: stand in line for it. PostgreSQL has many."""
        if getattr(self._mine, "inside", False):
            raise RuntimeError("transact inside transact")
        self._mine.inside = True
        try:
            if self.engine.dialect.name == "sqlite":
                with self.line:
                    yield
            else:
                yield
        finally:
            self._mine.inside = False


def _tell(error: sa.exc.DBAPIError) -> NoReturn:
    if faults.unavailable(error):
        raise Busy("the database is away") from error
    raise error
