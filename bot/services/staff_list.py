"""The staff list (XLSX): what would happen, and the same done in one transaction.

`plan` only reads; `carry_out` does what a plan says. Nobody gets a grave role by a list: new
accounts answer fact requests of their unit, the rest waits for two persons (`accounts`). Who has
left loses access in the same commit; his open reports become a hand-over list (`leavers`).
"""

from dataclasses import dataclass
from typing import Any

from bot.errors import Refused
from bot.services import (
    access,
    accounts,
    approvals,
    house,
    leavers,
    officials,
    rights,
    staff_rows,
    uploads,
)
from bot.services.base import Actor, Desk
from bot.services.officials import Official
from bot.services.rights import Right
from bot.services.staff_rows import COLUMNS, Read, Row
from bot.services.uploads import Given, Mistake, Sheet, by_row
from knowledge.calendar import seoul_day
from storage.repositories import postings, right_changes, units, users
from storage.unit import Unit

ORDINARY = "unit_member"
HEAD = "unit_head"
KEEP, LEAVE = "keep", "leave"
"""What becomes of who is not in the list: nothing, or he has left."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing about one person: column, what it was, what it becomes."""

    column: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Person:
    """What the list does to one person; `user_id` None: the account is new."""

    row: Row
    user_id: int | None
    unit_id: int
    unit: str
    changes: tuple[Change, ...]
    moved: bool
    returns: bool

    @property
    def what(self) -> str:
        """Name the heading under which this person stands."""
        if self.user_id is None:
            return "new"
        if self.returns:
            return "back"
        return "moved" if self.moved else "changed"


@dataclass(frozen=True, slots=True)
class Gone:
    user_id: int
    name: str
    unit: str
    login: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Who is new, moved, changed, back, gone; the mistakes keep it from being carried out."""

    people: tuple[Person, ...]
    gone: tuple[Gone, ...]
    same: int
    unnumbered: tuple[str, ...]
    mistakes: tuple[Mistake, ...]

    def of(self, what: str) -> tuple[Person, ...]:
        """Give the people of one heading: new, moved, changed, back."""
        return tuple(one for one in self.people if one.what == what)

    @property
    def nothing(self) -> bool:
        return not self.people and not self.gone

    @property
    def mark(self) -> str:
        """Name the plan: the same rows on the same staff give the same mark."""
        return uploads.mark(self)

    @property
    def ready(self) -> bool:
        return not self.mistakes and not self.nothing

    @property
    def left(self) -> int:
        return 0


def plan(svc: Desk, unit: Unit, actor: Actor | None, given: Read, *, whole: bool) -> Plan:
    """Compare a list with the staff. `whole`: who has a staff number and is not in it has left."""
    known = officials.everybody(unit)
    numbers = {one.staff_no: one for one in known if one.staff_no}
    logins = {one.login: one for one in known}
    mistakes = list(given.mistakes)
    people: list[Person] = []
    met: set[int] = set()
    bad = {one.row for one in given.mistakes}
    for row in given.rows:
        who, wrong = _who(row, numbers, logins)
        place = _place(svc, unit, row)
        mistakes += wrong
        if place is None and (row.unit_code or row.unit):
            code = "unit_code" if row.unit_code else "unit"
            value = row.unit_code or row.unit
            mistakes.append(Mistake(row.number, COLUMNS[code][0], "staff.wrong.unit", value))
        if who is not None:
            met.add(who.id)
        if place is not None and not wrong and row.number not in bad:
            people.append(_person(svc, unit, row, who, place))
    gone = [one for one in known if one.active and one.staff_no and one.id not in met]
    if whole and actor is not None and any(one.id == actor.user_id for one in gone):
        mistakes.append(Mistake(0, COLUMNS["staff_no"][0], "staff.wrong.self"))
    left = tuple(Gone(one.id, one.name, one.unit, one.login) for one in gone) if whole else ()
    stirred = tuple(one for one in people if _does(one))
    bare = tuple(f"{one.unit} {one.name}".strip() for one in known if one.active and not (
        one.staff_no or one.id in met
    ))  # fmt: skip
    return Plan(stirred, left, len(people) - len(stirred), bare, by_row(mistakes))


def carry_out(svc: Desk, unit: Unit, actor: Actor | None, done: Plan) -> Plan:
    """Do what a plan says, all or nothing.

    Raises `Refused` staff.mistakes; access.login_taken, .staff_no where somebody was quicker.
    """
    if done.mistakes:
        raise Refused("staff.mistakes", n=len(done.mistakes))
    for person in done.people:
        if person.user_id is None:
            _add(svc, unit, actor, person)
        else:
            _change(svc, unit, actor, person, person.user_id)
    for one in done.gone:
        accounts.leave(svc, unit, actor, one.user_id)
    if done.gone:
        leavers.remind(svc, unit)
    counts = {what: len(done.of(what)) for what in ("new", "moved", "changed", "back")}
    house.note(svc, unit, actor, "staff_list", {**counts, "gone": len(done.gone)})
    return done


def _who(
    row: Row, numbers: dict[str, Official], logins: dict[str, Official]
) -> tuple[Official | None, list[Mistake]]:
    """Find whose row it is: by the staff number, else by an account that has none yet."""
    who = numbers.get(row.staff_no)
    same = logins.get(row.login) if row.login else None
    column = COLUMNS["login"][0]
    if who is not None:
        if row.login and row.login != who.login:
            return who, [Mistake(row.number, column, "staff.wrong.other_login", row.login)]
        return who, []
    if same is not None and same.staff_no:
        return same, [Mistake(row.number, column, "staff.wrong.login_taken", row.login)]
    if same is None and not row.login:
        return None, [Mistake(row.number, column, "staff.wrong.no_login")]
    return same, []


def _place(svc: Desk, unit: Unit, row: Row) -> Any:
    """Find a unit that stands today: by its code, else by a name that only one has."""
    standing = units.standing(unit, seoul_day(svc.now()))
    if row.unit_code:
        return next((one for one in standing if one.code == row.unit_code), None)
    named = [one for one in standing if one.name == row.unit]
    return named[0] if len(named) == 1 else None


def _person(svc: Desk, unit: Unit, row: Row, who: Official | None, place: Any) -> Person:
    if who is None:
        return Person(row, None, place.id, place.name, (), moved=False, returns=False)
    now = postings.present(unit, who.id, seoul_day(svc.now()))
    headed = now is not None and bool(now.head)
    words = {True: "예", False: "아니요"}
    pairs = (
        ("staff_no", who.staff_no, row.staff_no),
        ("name", who.name, row.name),
        ("unit", who.unit, place.name if place.id != who.unit_id else who.unit),
        ("title", who.title, row.title or who.title),
        ("head", words[headed], words[row.head]),
        ("phone", who.phone, row.phone or who.phone),
        ("email", who.email, row.email or who.email),
    )
    changes = tuple(Change(COLUMNS[name][0], old, new) for name, old, new in pairs if old != new)
    moved = place.id != who.unit_id or now is None
    return Person(row, who.id, place.id, place.name, changes, moved=moved, returns=not who.active)


def _does(one: Person) -> bool:
    return one.user_id is None or bool(one.changes) or one.moved or one.returns


def _add(svc: Desk, unit: Unit, actor: Actor | None, one: Person) -> None:
    by = actor.user_id if actor else None
    row = one.row
    user_id = users.add(
        unit, row.login, row.name, svc.now(), unit_id=one.unit_id, phone=row.phone,
        email=row.email, staff_no=row.staff_no, title=row.title, by=by, head=row.head,
    )  # fmt: skip
    if user_id is None:
        access.free(unit, row.staff_no)
        raise Refused("access.login_taken")
    right_changes.add(unit, user_id, "added", svc.now(), by=by)
    who = officials.official(unit, user_id)
    assert who is not None
    new = {ORDINARY, HEAD} if row.head else {ORDINARY}
    accounts.set_roles(svc, unit, actor, who, new, ())
    house.note(svc, unit, actor, "user_added", {"user": user_id, "roles": sorted(new)})


def _change(svc: Desk, unit: Unit, actor: Actor | None, one: Person, user_id: int) -> None:
    row, who = one.row, officials.official(unit, user_id)
    assert who is not None
    if row.staff_no != who.staff_no:
        access.free(unit, row.staff_no)
    own = {"name": row.name, "staff_no": row.staff_no}
    more = {"title": row.title, "phone": row.phone, "email": row.email}
    users.change(unit, user_id, **own, **{name: new for name, new in more.items() if new})
    accounts.move(svc, unit, actor, user_id, one.unit_id, head=row.head)
    fits = HEAD in rights.together(who.roles | {HEAD})
    new = {HEAD} - who.roles if row.head and fits else set()
    gone = {HEAD} & who.roles if not row.head else set()
    accounts.set_roles(svc, unit, actor, who, new, gone)
    house.note(svc, unit, actor, "user_changed", {"user": user_id})
    if one.returns:
        reason = "직원 명단에 다시 있습니다"
        approvals.ask(svc, unit, actor, accounts.REOPEN, user_id, {}, reason)


def _looked(svc: Desk, unit: Unit, actor: Actor, given: Given) -> Plan:
    return plan(svc, unit, actor, staff_rows.read(given.lines), whole=given.how == LEAVE)


SHEET = Sheet("staff_list", Right.USERS, _looked, carry_out)
