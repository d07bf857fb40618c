"""A piece of work on its way through a transaction, and what came of it."""

import contextvars
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from storage import faults
from storage.errors import Again, Busy, Repeated, UnknownKey
from storage.repositories import inbox
from storage.unit import Key, Unit


@dataclass(frozen=True, slots=True)
class _Kept:
    """What a work gave whose COMMIT was sent and never answered."""

    key: Key | None
    result: Any


class AnswerLost(Exception):  # noqa: N818
    """COMMIT was sent and nobody answered."""


@dataclass(slots=True)
class Job:
    """A work that is to be done in a transaction; whoever does it leaves here what came of it.

    `mark` names it, so that it is done once (`Store.transact`).
    """

    work: Callable[[Unit], Any]
    mark: Key | None = None
    body: bytes = b""
    again: Callable[[Unit], Any] | None = None
    # Done in another's thread, it still logs under the number of its own request.
    context: contextvars.Context = field(default_factory=contextvars.copy_context)
    result: Any = None
    error: BaseException | None = None
    kept: _Kept | None = None
    unit: Unit | None = None

    def do(self, unit: Unit) -> None:
        self.unit = unit
        self.context.run(self._do, unit)

    def _do(self, unit: Unit) -> None:
        if self.kept is not None and self.kept.key is not None and inbox.has(unit, self.kept.key):
            self.result = self.kept.result
        elif self.mark is not None and inbox.repeated(unit, self.mark, self.body):
            if self.again is None:
                raise Repeated(self.mark.update_id)
            self.result = self.again(unit)
        else:
            self.result = self.work(unit)
            if self.mark is not None and unit.claimed is None:
                inbox.mark(unit, self.mark, self.body)

    def lost(self) -> None:
        """Keep what is known of a work whose COMMIT was sent and never answered."""
        claimed = self.unit.claimed if self.unit is not None else None
        self.kept = _Kept(claimed or self.mark, self.result)
        self.error = AnswerLost()

    def forget(self) -> None:
        """Be as if it had not been tried; what is kept of a lost answer stays."""
        self.unit = self.result = self.error = None

    def judge(self) -> bool:
        """Tell whether it is to be tried again; else its error is what the caller shall hear."""
        match self.error:
            case AnswerLost() | Again() | UnknownKey():
                return True
            case sa.exc.DBAPIError() as error:
                if faults.again(error):
                    return True
                self.error = told(error)
            case sa.exc.TimeoutError() as error:
                self.error = because(Busy("no connection is free"), error)
        return False

    def give_up(self) -> None:
        """After the last try: a broken rule of the tables is a bug, the rest is business."""
        if not isinstance(self.error, sa.exc.IntegrityError | UnknownKey):
            self.error = because(Busy("the work could not be done"), self.error)


def told(error: sa.exc.DBAPIError) -> Exception:
    """Give the error as the caller shall hear it."""
    return because(Busy("the database is away"), error) if faults.unavailable(error) else error


def because(told: Exception, cause: BaseException | None) -> Exception:
    told.__cause__ = cause
    return told
