"""Accounts of officials: one person makes and closes them, two give grave rights (S9, S30).

Taking away is the safe direction and needs one person. Roles that show reports or let somebody
in, resets of a password or a second factor, and opening a closed account wait for another
person's decision (`approvals`). The first official is made by the command line, which is the
exception and is journalled; once there are two administrators it has to wait as well.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bot.errors import Refused
from bot.services import access, approvals, endings, house, officials, rights, totp
from bot.services.approvals import Approval
from bot.services.base import ROLES, Actor, Desk, Role
from bot.services.officials import Official
from bot.services.rights import GRAVE
from knowledge.calendar import seoul_day
from storage.repositories import deputies, postings, right_changes, tickets, units, users
from storage.unit import Unit

GRANT, PASSWORD, REOPEN, TOTP = "grant_role", "reset_password", "reopen", "reset_totp"
DELAY = timedelta(hours=24)  # a reset leaves its owner a day to object (S30)
ADMINS = 2


@dataclass(frozen=True, slots=True)
class Particulars:
    """What an account says of its owner. `staff_no` (사번) tells two persons apart."""

    name: str
    unit_code: str
    phone: str = ""
    email: str = ""
    staff_no: str = ""
    title: str = ""
    head: bool = False


@dataclass(frozen=True, slots=True)
class Added:
    """A new account: its invitation, and the approval that its grave roles wait for."""

    invited: access.Invited
    approval: int | None


def add(
    svc: Desk,
    unit: Unit,
    by: Actor | None,
    login: str,
    who: Particulars,
    roles: Collection[str],
    reason: str = "",
) -> Added:
    """Add an account and invite its owner; grave roles wait. `by` None is the command line.

    Raises `Refused` access.login_bad, .login_taken, .unit_unknown, .role_unknown, .staff_no,
    approval.reason (grave roles without one).
    """
    if not roles or not set(roles) <= set(ROLES):
        raise Refused("access.role_unknown")
    _together(roles)
    alone = by is None and len(users.with_role(unit, "admin")) < ADMINS
    at_once = set(roles) if alone else set(roles) - GRAVE
    access.free(unit, who.staff_no)
    made = access.add_user(
        svc,
        unit,
        by,
        login=login,
        name=who.name,
        unit_code=who.unit_code,
        phone=who.phone,
        email=who.email,
        roles=[role for role in ROLES if role in at_once],
        staff_no=who.staff_no,
        title=who.title,
        head=who.head,
        waits=at_once != set(roles),
    )
    waits = set(roles) - at_once
    asked = _grant(svc, unit, by, made.user_id, waits, reason) if waits else None
    return Added(made, asked)


def change(
    svc: Desk,
    unit: Unit,
    actor: Actor,
    user_id: int,
    who: Particulars,
    roles: Collection[str],
    reason: str = "",
) -> int | None:
    """Change an official; gives the approval that new grave roles wait for.

    A change of roles or unit ends his sessions. Raises `Refused` access.not_allowed (also for
    one's own roles), .user_unknown, .unit_unknown, .role_unknown, .staff_no, approval.reason.
    """
    _admin(actor)
    before = _known(unit, user_id)
    place = units.by_code(unit, who.unit_code)
    if place is None:
        raise Refused("access.unit_unknown")
    if not set(roles) <= set(ROLES):
        raise Refused("access.role_unknown")
    if user_id == actor.user_id and set(roles) != before.roles:
        raise Refused("access.not_allowed")
    _together(roles)
    if before.staff_no and who.staff_no != before.staff_no:
        raise Refused("access.staff_no_fixed")
    if not before.staff_no:
        access.free(unit, who.staff_no)
    _particulars(svc, unit, actor, before, who, int(place.id))
    new = set(roles) - before.roles
    gone = before.roles - set(roles)
    set_roles(svc, unit, actor, before, new - GRAVE, gone)
    waits = new & GRAVE
    return _grant(svc, unit, actor, user_id, waits, reason) if waits else None


def set_roles(
    svc: Desk, unit: Unit, by: Actor | None, who: Official, new: Collection[str],
    gone: Collection[str], approval: int | None = None,
) -> None:  # fmt: skip
    """Grant and revoke, in the log of rights and the journal; a change ends the sessions."""
    if not new and not gone:
        return
    by_id = by.user_id if by else None
    for role in sorted(new):
        users.grant(unit, who.id, role, svc.now())
        changed(svc, unit, who.id, "granted", role=role, by=by_id, approval=approval)
    for role in sorted(gone):
        users.revoke(unit, who.id, role)
        changed(svc, unit, who.id, "revoked", role=role, by=by_id)
    if gone:
        endings.ended(svc, unit, who.id, "role")
    else:
        users.end_sessions(unit, who.id)
    now = sorted((who.roles | set(new)) - set(gone))
    detail = {"user": who.id, "roles": now, "before": sorted(who.roles), "approval": approval}
    house.note(svc, unit, by, "roles_changed", detail)


def changed(
    svc: Desk, unit: Unit, user_id: int, what: str, *, role: str = "", by: int | None = None,
    approval: int | None = None,
) -> None:  # fmt: skip
    """Write into the log of rights (안전성 확보조치 기준 제5조)."""
    right_changes.add(unit, user_id, what, svc.now(), role=role, by=by, approval=approval)


def ask_reset(
    svc: Desk, unit: Unit, actor: Actor, user_id: int, reason: str, kind: str = PASSWORD
) -> int:
    """Ask for a new password (or, as `kind`, another reset) of somebody else.

    Raises `Refused` access.not_allowed, access.user_unknown, approval.reason.
    """
    _admin(actor)
    who = _known(unit, user_id)
    if user_id == actor.user_id or not who.active:
        raise Refused("access.not_allowed")
    return approvals.ask(svc, unit, actor, kind, user_id, {}, reason)


def invite_again(svc: Desk, unit: Unit, actor: Actor, user_id: int) -> access.Invited:
    """Make a new link: for who never set a password, or where a reset was approved.

    Raises `Refused` access.not_allowed, access.user_unknown, access.two_persons.
    """
    _admin(actor)
    _known(unit, user_id)
    row = users.get(unit, user_id)
    assert row is not None
    if row.password_hash and user_id != actor.user_id:
        if approvals.take(svc, unit, actor, PASSWORD, user_id) is None:
            raise Refused("access.two_persons")
        users.change(unit, user_id, reset_by_id=actor.user_id)
    changed(svc, unit, user_id, "invited", by=actor.user_id)
    return access.invite(svc, unit, actor, user_id)


def close(svc: Desk, unit: Unit, actor: Actor, user_id: int) -> None:
    """Close an account at once: sessions and invitations end. Nobody closes his own.

    Raises `Refused` access.not_allowed, access.user_unknown.
    """
    _admin(actor)
    _known(unit, user_id)
    if user_id == actor.user_id:
        raise Refused("access.not_allowed")
    users.set_active(unit, user_id, active=False)
    tickets.cancel(unit, access.INVITE, user_id=user_id)
    endings.ended(svc, unit, user_id, "closed")
    changed(svc, unit, user_id, "closed", by=actor.user_id)
    house.note(svc, unit, actor, "user_closed", {"user": user_id})


def ask_reopen(svc: Desk, unit: Unit, actor: Actor, user_id: int, reason: str) -> int:
    """Ask to open a closed account again. Raises as `ask_reset` does."""
    _admin(actor)
    if _known(unit, user_id).active:
        raise Refused("access.not_allowed")
    return approvals.ask(svc, unit, actor, REOPEN, user_id, {}, reason)


def leave(svc: Desk, unit: Unit, by: Actor | None, user_id: int) -> None:
    """Let somebody go: today's commit ends sessions, roles, postings, deputies, invitations."""
    who = _known(unit, user_id)
    day = seoul_day(svc.now())
    users.set_active(unit, user_id, active=False)
    set_roles(svc, unit, by, who, (), who.roles)
    tickets.cancel(unit, access.INVITE, user_id=user_id)
    postings.end(unit, user_id, day)
    deputies.end_of(unit, user_id, day, svc.now())
    endings.ended(svc, unit, user_id, "closed")
    approvals.void_of(svc, unit, user_id)
    changed(svc, unit, user_id, "left", by=by.user_id if by else None)
    house.note(svc, unit, by, "user_left", {"user": user_id})


def heads(svc: Desk, unit: Unit, user_id: int) -> bool:
    """Tell whether somebody is head of the unit where he serves today."""
    now = postings.present(unit, user_id, seoul_day(svc.now()))
    return now is not None and bool(now.head)


@dataclass(frozen=True, slots=True)
class Served:
    """A time in a unit: both days count, no last day is the present."""

    unit: str
    head: bool
    first: date
    last: date | None


def served(unit: Unit, user_id: int) -> tuple[Served, ...]:
    """List where somebody served, the present first."""
    return tuple(
        Served(officials.unit_named(unit, one.unit_id), one.head, one.first_day, one.last_day)
        for one in postings.of(unit, user_id)
    )


def fresh(unit: Unit, user_id: int) -> bool:
    """Tell whether the owner has never set a password: his link may be made anew."""
    row = users.get(unit, user_id)
    return row is not None and not row.password_hash


def _admin(actor: Actor) -> None:
    if not rights.may(actor, rights.Right.USERS):
        raise Refused("access.not_allowed")


def _known(unit: Unit, user_id: int) -> Official:
    who = officials.official(unit, user_id)
    if who is None:
        raise Refused("access.user_unknown")
    return who


def _together(roles: Collection[str]) -> None:
    wanted = frozenset(roles)
    if rights.together(wanted) != wanted:
        raise Refused("access.apart")


def _particulars(
    svc: Desk, unit: Unit, actor: Actor | None, before: Official, who: Particulars, place: int
) -> None:
    values = {"name": who.name, "phone": who.phone, "email": who.email, "title": who.title}
    if not before.staff_no and who.staff_no:
        values["staff_no"] = who.staff_no
    users.change(unit, before.id, **values)
    move(svc, unit, actor, before.id, place, head=who.head)
    house.note(svc, unit, actor, "user_changed", {"user": before.id})


def move(svc: Desk, unit: Unit, by: Actor | None, user_id: int, place: int, *, head: bool) -> bool:
    """Post somebody to a unit from today, as its head or not; False: he serves there already."""
    day = seoul_day(svc.now())
    now = postings.present(unit, user_id, day)
    if now is not None and now.unit_id == place and now.head == head:
        return False
    postings.move(unit, user_id, place, day, head=head)
    users.change(unit, user_id, unit_id=place)
    if now is None or now.unit_id != place:
        deputies.end_of(unit, user_id, day, svc.now())  # 대직 is a unit's own affair
        endings.ended(svc, unit, user_id, "moved")
        changed(svc, unit, user_id, "moved", by=by.user_id if by else None)
    told = {"user": user_id, "unit": place, "head": head}
    house.note(svc, unit, by, "user_posted", told)
    return True


def _grant(
    svc: Desk, unit: Unit, by: Actor | None, user_id: int, waits: Collection[str], reason: str
) -> int:
    return approvals.ask(svc, unit, by, GRANT, user_id, {"roles": sorted(waits)}, reason)


def _granted(svc: Desk, unit: Unit, approval: Approval) -> None:
    roles: list[Role] = list(approval.detail["roles"])
    who = _known(unit, approval.subject)
    _together(who.roles | set(roles))
    by = Actor("official", approval.decided_by) if approval.decided_by else None
    set_roles(svc, unit, by, who, set(roles) - who.roles, (), approval.id)


def _reopened(svc: Desk, unit: Unit, approval: Approval) -> None:
    users.set_active(unit, approval.subject, active=True)
    by = Actor("official", approval.decided_by)
    changed(svc, unit, approval.subject, "reopened", by=approval.decided_by, approval=approval.id)
    house.note(svc, unit, by, "user_opened", {"user": approval.subject})


def _factor_gone(svc: Desk, unit: Unit, approval: Approval) -> None:
    users.change(unit, approval.subject, reset_by_id=approval.asked_by)
    totp.reset(svc, unit, approval.subject)
    changed(svc, unit, approval.subject, "reset", by=approval.decided_by, approval=approval.id)


def bound(unit: Unit, subject: int, _detail: Mapping[str, Any]) -> list[Any]:
    """Give what must stay as it is while an approval about an account waits."""
    row = users.get(unit, subject)
    assert row is not None
    own = [row.login, row.name, row.staff_no, row.unit_id, row.email, row.active]
    return [*own, sorted(users.roles(unit, subject))]


def about(svc: Desk, unit: Unit, approval: Approval) -> str:
    """Name the account that an approval is about."""
    who = officials.official(unit, approval.subject)
    if who is None:
        return ""
    roles = [svc.texts.raw(f"desk.role.{role}") for role in approval.detail.get("roles", ())]
    parts = [who.unit, f"{who.name}({who.login}, {who.staff_no or '-'})", ", ".join(roles)]
    return " · ".join(part for part in parts if part)


_TWO: Mapping[str, Any] = {
    "askers": frozenset({"admin"}),
    "deciders": frozenset({"admin", "audit_head"}),
    "bound": bound,
    "about": about,
    "person": True,
    "tell_subject": True,
}
approvals.register(GRANT, approvals.Kind(carry_out=_granted, **_TWO))
approvals.register(REOPEN, approvals.Kind(carry_out=_reopened, **_TWO))
approvals.register(TOTP, approvals.Kind(carry_out=_factor_gone, delay=DELAY, **_TWO))
approvals.register(PASSWORD, approvals.Kind(delay=DELAY, **_TWO))
