"""Acts: once each, whatever a browser sends twice; and tried out without being done."""

import json
import uuid
from collections.abc import Callable
from typing import Any, TypeVar

from bot.errors import Refused
from bot.handlers.desk.visit import Missing, Visit
from bot.services import listing, rights
from bot.services.listing import Row
from bot.services.rights import Right
from storage.errors import BodyConflict
from storage.store import Store
from storage.unit import Unit

T = TypeVar("T")


def seen(visit: Visit, number: str) -> Row:
    """Give the line of a report that this official may know of; raises `Missing`."""
    svc = visit.parts.svc
    try:
        return visit.parts.store.read(lambda unit: listing.row_of(svc, unit, visit.actor, number))
    except Refused:
        raise Missing from None


def way(visit: Visit) -> str | None:
    """Give what to put behind a report's address for the page that this official has of it."""
    if rights.may(visit.actor, Right.OPEN):
        return ""
    return "/urge" if rights.may(visit.actor, Right.URGE) else None


def new_command(visit: Visit) -> str:
    """Give the id that a form carries: sent twice, it has one effect (security S21)."""
    return str(uuid.UUID(bytes=visit.parts.svc.random(16), version=4))


def once(visit: Visit, what: str, said: Any, work: Callable[[Unit], T]) -> T | None:
    """Do `work` under the form's own id; None when this very form was done before.

    `what` and `said` (JSON values) are what the id stands for: the same id with other words is
    somebody going back after it was done, and is refused by `desk.done_already`.
    """
    body = json.dumps([what, said], sort_keys=True, default=str).encode()
    try:
        return visit.parts.store.transact(
            work, f"desk:{visit.actor.user_id}:{command_of(visit)}", body=body, again=_before
        )
    except BodyConflict:
        raise Refused("desk.done_already") from None


def command_of(visit: Visit) -> str:
    """Read the id of a form; what is none was not made by us."""
    try:
        return str(uuid.UUID(visit.sent.get("command")))
    except ValueError:
        raise Missing from None


def _before(_unit: Unit) -> None:
    return None


class _Back(Exception):  # noqa: N818 - the way back, not an accident
    def __init__(self, found: Any) -> None:
        super().__init__()
        self.found = found


def tryout(store: Store, work: Callable[[Unit], T]) -> T:
    """Do `work` and take it back: what it gives is what would have happened."""

    def there_and_back(unit: Unit) -> None:
        raise _Back(work(unit))

    try:
        store.transact(there_and_back, None)
    except _Back as back:
        found: T = back.found
        return found
    raise AssertionError
