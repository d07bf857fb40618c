"""How a process learns, while it runs, that another key begins or ends (security S6)."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import sqlalchemy as sa

from storage import rotation
from storage.crypto import KeyRing
from storage.errors import StartRefused, UnknownKey
from storage.rotation import Arranged
from storage.unit import Unit

T = TypeVar("T")
Look = Callable[[Callable[[Unit], T]], T]

LEARN = 5.0
"""Seconds: so old may what a process knows of its keys be when it begins a piece of work."""

STEP = 20.0
"""Seconds between the steps of a rotation: LEARN, and the longest transaction (15 s) beside it."""


@dataclass
class Learner:
    """`source` are the keys of the files, which `reload` reads anew; `process` names us."""

    source: KeyRing
    process: str
    reload: Callable[[], KeyRing] | None = None
    clock: Callable[[], float] = time.monotonic
    owes: Arranged | None = None
    _version: int = -1
    _next: float = float("-inf")
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def start(self, arranged: Arranged) -> KeyRing:
        """Begin with what was found when the store was opened."""
        self._version, self._next = arranged.version, self.clock() + LEARN
        return arranged.ring

    def due(self) -> bool:
        return self.clock() >= self._next

    def learn(self, look: "Look[Arranged | None]", *, at_once: bool = False) -> KeyRing | None:
        """Give the ring as it is to be used from now on; None where nothing has changed.

        A database that is away is no matter here: the work itself will tell.
        """
        if not self._turn.acquire(blocking=at_once):
            return None  # another thread is looking
        try:
            self._next = self.clock() + LEARN
            found = look(lambda unit: self._changed(unit, at_once=at_once))
            if found is not None and found.lacking and self._reread():
                found = look(lambda unit: rotation.arrange(unit.conn, self.source))
        except UnknownKey:
            return self._again(look)
        except sa.exc.SQLAlchemyError:
            return None
        finally:
            self._turn.release()
        return self._taken(found)

    def _changed(self, unit: Unit, *, at_once: bool) -> Arranged | None:
        if not at_once and rotation.version(unit.conn) == self._version:
            return None
        return rotation.arrange(unit.conn, self.source)

    def _again(self, look: "Look[Arranged | None]") -> KeyRing | None:
        """Read the files anew: the database uses a key that was not there before."""
        if not self._reread():
            return None
        try:
            return self._taken(look(lambda unit: rotation.arrange(unit.conn, self.source)))
        except (sa.exc.SQLAlchemyError, UnknownKey):
            return None

    def _reread(self) -> bool:
        """Read the files anew; False where that cannot be: the keys at hand stay in use."""
        if self.reload is None:
            return False
        try:
            self.source = self.reload()
        except StartRefused:
            return False
        return True

    def _taken(self, found: Arranged | None) -> KeyRing | None:
        if found is None:
            return None
        self._version = found.version
        self.owes = found if found.waiting else None
        return found.ring
