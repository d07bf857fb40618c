"""What takes two persons: one asks, another one decides (security S9, S30).

An area registers a `Kind` under a name; `ask`, `decide` and `stop` are the same for all. Who
decides is neither the asker nor the one it is about, has another employee number, an account of
some age, and one that the asker neither made nor reset. An approval is bound to what it was
asked about: when that has changed meanwhile, it is void.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.dialogs.replies import Phrase, Say
from bot.errors import Refused
from bot.services import direct, house, officials
from bot.services.base import Actor, Desk, Role
from storage.models import instance
from storage.repositories import approvals, users
from storage.repositories.approvals import Approval
from storage.unit import Unit

__all__ = [
    "KINDS", "Approval", "Kind", "any_open", "ask", "carry_out", "decide", "ended", "get",
    "may_decide", "open_", "register", "ripe", "stop", "take", "void_about", "void_of", "young",
]  # fmt: skip

LEAST, MOST = 5, 500  # signs of a reason

Carry = Callable[[Desk, Unit, Approval], None]
Bound = Callable[[Unit, int, Mapping[str, Any]], Any]
Sees = Callable[[Desk, Unit, Actor, Approval], bool]
About = Callable[[Desk, Unit, Approval], str]
Others = Callable[[Desk, Unit, Approval], AbstractSet[int | None]]


def _anybody(_svc: Desk, _unit: Unit, _actor: Actor, _approval: Approval) -> bool:
    return True


def _nameless(_svc: Desk, _unit: Unit, _approval: Approval) -> str:
    return ""


def _nobody(_svc: Desk, _unit: Unit, _approval: Approval) -> AbstractSet[int | None]:
    return frozenset()


def _nothing(_unit: Unit, _subject: int, _detail: Mapping[str, Any]) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of thing that two persons do; its words are `approval.kind.<name>`.

    `carry_out` runs in the deciding transaction, or after `delay`; None: the asker uses the
    approval up himself (`take`) after `delay` and before `lasts` is over. `bound` gives JSON
    values that must not change between asking and carrying out. `about` names the subject. `sees` tells who may know of it (a guard, S8): who
    may not, finds nothing. `person`: the subject is an account, whose owner never decides.
    `others` had a hand in it: they count as its askers do. `back` runs when it was refused,
    stopped or found to have changed.
    """

    askers: frozenset[Role]
    deciders: frozenset[Role]
    delay: timedelta = timedelta(0)
    carry_out: Carry | None = None
    bound: Bound = _nothing
    sees: Sees = _anybody
    about: About = _nameless
    person: bool = False
    tell_subject: bool = False
    lasts: timedelta = timedelta(days=7)
    others: Others = _nobody
    back: Carry | None = None


KINDS: dict[str, Kind] = {}


def register(name: str, kind: Kind) -> None:
    """Make a kind known; twice under one name is a mistake."""
    assert name not in KINDS, name
    KINDS[name] = kind


def ask(
    svc: Desk,
    unit: Unit,
    actor: Actor | None,
    kind: str,
    subject: int,
    detail: Mapping[str, Any],
    reason: str,
) -> int:
    """Ask for something that another person decides; `actor` None is the command line.

    Gives the number of the approval; the same thing asked for twice is asked once. Raises
    `Refused` access.not_allowed, approval.reason.
    """
    what = KINDS[kind]
    if actor is not None and not actor.may(*what.askers):
        raise Refused("access.not_allowed")
    why = _reason(reason)
    for one in approvals.live(unit, kind, subject):
        if one.detail == dict(detail):
            return one.id
    asked_by = actor.user_id if actor is not None else None
    bound = _bound(unit, what, subject, detail)
    made = approvals.add(unit, kind, subject, bound, detail, why, asked_by, svc.now())
    house.note(svc, unit, actor, "approval_asked", {"approval": made, "kind": kind})
    _tell(svc, unit, made, kind, "asked")
    return made


def get(svc: Desk, unit: Unit, actor: Actor, approval_id: int) -> Approval:
    """Read one that this official may know of; raises `Refused` approval.unknown."""
    found = approvals.get(unit, approval_id)
    if found is None or not _knows(svc, unit, actor, found):
        raise Refused("approval.unknown")
    return found


def open_(svc: Desk, unit: Unit, actor: Actor) -> tuple[Approval, ...]:
    """List what waits: asked by this official, about him, or for his kind to decide or watch."""
    return tuple(one for one in approvals.live(unit) if _knows(svc, unit, actor, one))


def any_open(unit: Unit) -> bool:
    """Tell whether anything waits for anybody's decision."""
    return any(one.state == approvals.OPEN for one in approvals.live(unit))


def ended(svc: Desk, unit: Unit, actor: Actor) -> tuple[Approval, ...]:
    """List what is over, the newest first."""
    return tuple(one for one in approvals.ended(unit) if _knows(svc, unit, actor, one))


def decide(
    svc: Desk, unit: Unit, actor: Actor, approval_id: int, yes: bool, reason: str
) -> Approval:
    """Say yes or no. Yes is carried out at once, or after the kind's delay.

    Raises `Refused` approval.unknown, .decided, .reason, .changed (it is void now), and what
    `may_decide` tells.
    """
    found = _live(svc, unit, actor, approval_id)
    if found.state != approvals.OPEN:
        raise Refused("approval.decided")
    no = may_decide(svc, unit, actor, found)
    if no is not None:
        raise no
    answer, what = _reason(reason), KINDS[found.kind]
    now = svc.now()
    if yes and _changed(unit, what, found):
        return _void(svc, unit, actor, found)
    state, due_at = approvals.REFUSED, None
    if yes:
        at_once = what.carry_out is not None and not what.delay
        state = approvals.DONE if at_once else approvals.WAITING
        lasts = timedelta(0) if what.carry_out else what.lasts
        due_at = None if at_once else now + what.delay + lasts
    approvals.decided(unit, found, state, actor.user_id, answer, now, due_at)
    after = approvals.get(unit, approval_id)
    assert after is not None
    said = "approved" if yes else "refused"
    told = {"approval": found.id, "kind": found.kind, "young": young(svc, unit)}
    house.note(svc, unit, actor, f"approval_{said}", told)
    _tell(svc, unit, found.id, found.kind, said)
    if state == approvals.DONE and what.carry_out is not None:
        what.carry_out(svc, unit, after)
    if not yes and what.back is not None:
        what.back(svc, unit, after)
    return after


def stop(svc: Desk, unit: Unit, actor: Actor, approval_id: int, reason: str) -> Approval:
    """Take back what is open or waits: the asker, the one it is about, a decider, the inspector."""
    found = _live(svc, unit, actor, approval_id)
    _reason(reason)
    approvals.end(unit, found.id, approvals.STOPPED, svc.now())
    told = {"approval": found.id, "kind": found.kind, "why": reason.strip()}
    house.note(svc, unit, actor, "approval_stopped", told)
    _tell(svc, unit, found.id, found.kind, "stopped")
    after = approvals.get(unit, found.id)
    assert after is not None
    back = KINDS[found.kind].back
    if back is not None:
        back(svc, unit, after)
    return after


def take(svc: Desk, unit: Unit, actor: Actor, kind: str, subject: int) -> Approval | None:
    """Use up what was granted to this asker for this subject; None: there is nothing to use."""
    for one in approvals.live(unit, kind, subject):
        mine = one.asked_by == actor.user_id and ripe(svc, one)
        if mine and not _changed(unit, KINDS[kind], one):
            approvals.end(unit, one.id, approvals.DONE, svc.now())
            house.note(svc, unit, actor, "approval_used", {"approval": one.id, "kind": kind})
            return one
    return None


def ripe(svc: Desk, approval: Approval) -> bool:
    """Tell whether what was granted can be used now: after the delay, before it lapses."""
    due, decided = approval.due_at, approval.decided_at
    if approval.state != approvals.WAITING or due is None or decided is None:
        return False
    return decided + KINDS[approval.kind].delay <= svc.now() < due


def carry_out(svc: Desk, unit: Unit, approval_id: int) -> bool:
    """Carry out what has waited long enough, for the clock; False: it is void, or lapsed."""
    one = approvals.get(unit, approval_id, lock=True)
    if one is None or one.state != approvals.WAITING or one.due_at is None:
        return False
    if one.due_at > svc.now():
        return False
    what = KINDS[one.kind]
    good = what.carry_out is not None and not _changed(unit, what, one)
    approvals.end(unit, one.id, approvals.DONE if good else approvals.VOID, svc.now())
    told = {"approval": one.id, "kind": one.kind}
    house.note(svc, unit, None, "approval_done" if good else "approval_void", told)
    if good and what.carry_out is not None:
        what.carry_out(svc, unit, one)
    return good


def void_of(svc: Desk, unit: Unit, user_id: int) -> None:
    """End what somebody who leaves has asked for, and what is about his account."""
    for one in approvals.live(unit):
        about = one.kind in KINDS and KINDS[one.kind].person and one.subject == user_id
        if one.asked_by == user_id or about:
            approvals.end(unit, one.id, approvals.VOID, svc.now())
            house.note(svc, unit, None, "approval_void", {"approval": one.id, "kind": one.kind})


def void_about(svc: Desk, unit: Unit, kind: str, subject: int) -> None:
    """End what was asked about something that has changed."""
    for one in approvals.live(unit, kind, subject):
        approvals.end(unit, one.id, approvals.VOID, svc.now())
        house.note(svc, unit, None, "approval_void", {"approval": one.id, "kind": one.kind})


def may_decide(svc: Desk, unit: Unit, actor: Actor, approval: Approval) -> Refused | None:
    """Tell why this official may not decide this one; None: he may."""
    what = KINDS[approval.kind]
    if not actor.may(*what.deciders) or actor.user_id is None:
        return Refused("access.not_allowed")
    asked = {approval.asked_by} | what.others(svc, unit, approval)
    others = asked | ({approval.subject} if what.person else set())
    return another(svc, unit, actor, others, asked)


def another(
    svc: Desk,
    unit: Unit,
    actor: Actor,
    others: AbstractSet[int | None],
    asked: AbstractSet[int | None],
) -> Refused | None:
    """Tell why this official is not a second person beside `others`, of whom `asked` began it."""
    if actor.user_id is None or others & {actor.user_id, *actor.stands_for}:
        return Refused("approval.self")
    mine = users.get(unit, actor.user_id)
    assert mine is not None
    return _same(unit, mine, others) or _made(svc, unit, mine, asked)


def _same(unit: Unit, mine: Any, others: AbstractSet[int | None]) -> Refused | None:
    """Tell two persons from one person with two accounts, by the employee number."""
    if not mine.staff_no:
        return Refused("approval.no_staff_no")
    known = [users.get(unit, one) for one in others if one is not None]
    twin = any(one is not None and one.staff_no == mine.staff_no for one in known)
    return Refused("approval.same_person") if twin else None


def _made(svc: Desk, unit: Unit, mine: Any, askers: AbstractSet[int | None]) -> Refused | None:
    """Refuse an account that the asker holds in his hand, and one made for the occasion."""
    if (askers - {None}) & {mine.created_by_id, mine.reset_by_id}:
        return Refused("approval.made_by_asker")
    days = svc.site.approval_age_days
    if mine.created_at > svc.now() - timedelta(days=days) and not young(svc, unit):
        return Refused("approval.too_new", days=days)
    return None


def young(svc: Desk, unit: Unit) -> bool:
    """Tell whether the installation itself is so new that no account can be old enough."""
    made: datetime = unit.conn.execute(sa.select(instance.c.created_at)).scalar_one()
    return svc.now() - made < timedelta(days=svc.site.approval_age_days)


def _knows(svc: Desk, unit: Unit, actor: Actor, one: Approval) -> bool:
    what = KINDS.get(one.kind)
    if what is None or actor.user_id is None:
        return False
    concerned = {one.asked_by} | ({one.subject} if what.person else set())
    if actor.user_id in concerned:
        return True
    return actor.may("inspector", *what.deciders) and what.sees(svc, unit, actor, one)


def _live(svc: Desk, unit: Unit, actor: Actor, approval_id: int) -> Approval:
    found = approvals.get(unit, approval_id, lock=True)
    if found is None or not _knows(svc, unit, actor, found):
        raise Refused("approval.unknown")
    if found.state not in approvals.LIVE:
        raise Refused("approval.decided")
    return found


def _void(svc: Desk, unit: Unit, actor: Actor, found: Approval) -> Approval:
    approvals.end(unit, found.id, approvals.VOID, svc.now())
    told = {"approval": found.id, "kind": found.kind}
    house.note(svc, unit, actor, "approval_void", told)
    after = approvals.get(unit, found.id)
    assert after is not None
    back = KINDS[found.kind].back
    if back is not None:
        back(svc, unit, after)
    return after


def _reason(reason: str) -> str:
    why = reason.strip()
    if not LEAST <= len(why) <= MOST:
        raise Refused("approval.reason", least=LEAST, most=MOST)
    return why


def _bound(unit: Unit, what: Kind, subject: int, detail: Mapping[str, Any]) -> str:
    now = json.dumps([dict(detail), what.bound(unit, subject, detail)], sort_keys=True)
    return hashlib.sha256(now.encode()).hexdigest()


def _changed(unit: Unit, what: Kind, one: Approval) -> bool:
    return _bound(unit, what, one.subject, one.detail) != one.bound


def _tell(svc: Desk, unit: Unit, approval_id: int, kind: str, what: str) -> None:
    """Mail who decides, who watches, and whom it concerns: the kind and a link, nothing else."""
    found = approvals.get(unit, approval_id)
    assert found is not None
    rules = KINDS[kind]
    people = [
        who
        for role in ("inspector", *sorted(rules.deciders))
        for who in officials.with_role(unit, role)
        if rules.sees(svc, unit, officials.actor(who), found)
    ]
    concerned = [found.asked_by] + ([found.subject] if rules.tell_subject else [])
    people += [who for one in concerned if one and (who := officials.official(unit, one))]
    words = Phrase(
        f"official.approval_{what}",
        {
            "what": Phrase(f"approval.kind.{kind}"),
            "desk_url": f"{svc.desk_url}/approvals/{approval_id}",
        },
    )
    direct.tell(svc, unit, people, Say(words))
