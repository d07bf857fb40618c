"""Lists that somebody uploads: looked at, kept sealed for an hour, carried out by another press.

What its rows would do, and doing it, is each list's own (`Sheet`). That nothing is changed by
looking, and that what was shown is what happens, is the same for all of them.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, Generic, Protocol, TypeVar

from bot.documents.reading import Line
from bot.errors import Refused
from bot.services import rights
from bot.services.base import Actor, Desk
from bot.services.rights import Right
from bot.services.sessions import new_secret
from storage.repositories import tickets
from storage.unit import Unit

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong in one place: the row as the spreadsheet counts, the column, the sentence."""

    row: int
    column: str
    key: str
    value: str = ""


def by_row(mistakes: Iterable[Mistake]) -> tuple[Mistake, ...]:
    """Put mistakes in the order of the list; what is wrong with no row of it comes last."""
    return tuple(sorted(mistakes, key=lambda one: (not one.row, one.row)))


@dataclass(frozen=True, slots=True)
class Given:
    """What was uploaded: its rows, the line of names first; `how` was chosen beside it.

    `file` is the SHA-256 of the file, as the journal names it.
    """

    lines: tuple[Line, ...]
    how: str = ""
    file: str = ""


class Plan(Protocol):
    """What a list would do. `left` is how many rows wait for another press once it is done."""

    @property
    def mark(self) -> str:
        """Name the plan: another one has another name."""
        ...

    @property
    def mistakes(self) -> tuple[Mistake, ...]: ...

    @property
    def ready(self) -> bool:
        """Tell whether there is something to do, and nothing that keeps it from being done."""
        ...

    @property
    def left(self) -> int: ...


P = TypeVar("P", bound=Plan)


@dataclass(frozen=True, slots=True)
class Sheet(Generic[P]):
    """One kind of list: who may, what its rows would do (nothing is changed), and doing it."""

    kind: str
    right: Right
    plan: Callable[[Desk, Unit, Actor, Given], P]
    carry_out: Callable[[Desk, Unit, Actor, P], P]


def mark(plan: Any) -> str:
    """Name a plan that is a dataclass of JSON values and dates."""
    whole = json.dumps(asdict(plan), sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(whole.encode()).hexdigest()


def look(svc: Desk, unit: Unit, actor: Actor, sheet: Sheet[P], given: Given) -> tuple[P, str]:
    """Say what a list would do and keep it for the press; gives the secret of what is kept.

    What this official had kept of this kind before is gone. Raises `Refused`
    access.not_allowed, and what the list says of its columns.
    """
    _allowed(actor, sheet)
    found = sheet.plan(svc, unit, actor, given)
    told = asdict(given) | {"lines": [[one.number, one.cells, sorted(one.formulas)]
                                      for one in given.lines]}  # fmt: skip
    detail = json.dumps(told, ensure_ascii=False).encode()
    secret, now = new_secret(svc), svc.now()
    tickets.cancel(unit, sheet.kind, user_id=actor.user_id)
    tickets.add(unit, secret, sheet.kind, now, now + HOUR, user_id=actor.user_id, detail=detail)
    return found, secret


def again(svc: Desk, unit: Unit, actor: Actor, sheet: Sheet[P], secret: str) -> P:
    """Say what the list that was kept would do now. Raises `Refused` staff.gone."""
    return sheet.plan(svc, unit, actor, _kept(svc, unit, actor, sheet, secret))


def press(svc: Desk, unit: Unit, actor: Actor, sheet: Sheet[P], secret: str, mark: str) -> P:
    """Carry out what was shown; it is used up once nothing is left of it.

    Raises `Refused` access.not_allowed, staff.gone, staff.changed, staff.mistakes.
    """
    _allowed(actor, sheet)
    now = again(svc, unit, actor, sheet, secret)
    if now.mark != mark:
        raise Refused("staff.changed")
    if not now.ready and now.mistakes:
        raise Refused("staff.mistakes", n=len(now.mistakes))
    done = sheet.carry_out(svc, unit, actor, now)
    if not done.left:
        tickets.use(unit, secret, sheet.kind, svc.now())
    return done


def _allowed(actor: Actor, sheet: Sheet[Any]) -> None:
    if not rights.may(actor, sheet.right):
        raise Refused("access.not_allowed")


def _kept(svc: Desk, unit: Unit, actor: Actor, sheet: Sheet[Any], secret: str) -> Given:
    """Give it back to who uploaded it; not after an hour, nor once it was used."""
    found = tickets.find(unit, secret, sheet.kind)
    alive = found is not None and found.used_at is None and found.expires_at > svc.now()
    if found is None or not alive or found.user_id != actor.user_id:
        raise Refused("staff.gone")
    told: dict[str, Any] = json.loads(found.detail)
    lines = tuple(Line(n, tuple(cells), frozenset(f)) for n, cells, f in told.pop("lines"))
    return Given(lines, **told)
