"""What the clock asks of the database at every tick; each answer is given once, by its key (S14)."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.services.base import Desk
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Due:
    """One piece of work for one transaction of its own; `run_key` is its command id."""

    run_key: str
    work: Callable[[Unit], None]


def due_work(svc: Desk, unit: Unit, limit: int = 200) -> tuple[Due, ...]:
    """Say what is due now; the caller runs each in `store.transact(due.work, due.run_key)`."""
    raise NotImplementedError
