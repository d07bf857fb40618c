"""A second person lets a broadcast go: what he decides about is bound to words, readers and time.

Who made, edited or tested any of it is no second person, nor whoever has an account that one of
them made or reset, the same employee number, or stands in for one of them (security S9). The
sending looks at the hash once more in its own transaction.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from bot.dialogs.replies import Param, Phrase
from bot.errors import Refused
from bot.services import approvals, broadcast_checks, broadcast_log, broadcasts, officials, rights
from bot.services.approvals import Approval, Kind
from bot.services.base import Actor, Desk
from bot.services.broadcast_drafts import APPROVAL
from bot.services.rights import Right
from storage.repositories import approvals as rows
from storage.repositories import audience
from storage.repositories import broadcasts as repository
from storage.repositories.broadcasts import APPROVED, ASKED, DRAFT, Broadcast
from storage.unit import Unit


def ask(svc: Desk, unit: Unit, actor: Actor, broadcast_id: int, version: int, reason: str) -> int:
    """Ask for a second person; gives the number of the approval.

    Raises `Refused` access.not_allowed, newsletter.unknown, .state, .stale, approval.reason, and
    the first of what `broadcast_checks.lacking` names.
    """
    if not rights.may(actor, Right.NEWSLETTERS):
        raise Refused("access.not_allowed")
    one = _known(unit, broadcast_id)
    if one.state != DRAFT:
        raise Refused("newsletter.state")
    _mended(svc, unit, one)
    if not repository.change(unit, one.id, version, {"state": ASKED, "why": ""}, svc.now()):
        raise Refused("newsletter.stale")
    told = {"version": version + 1}
    made = approvals.ask(svc, unit, actor, APPROVAL, one.id, told, reason)
    broadcast_log.note(svc, unit, actor, broadcast_log.ASKED, one.id, **told, approval=made)
    return made


def waiting(unit: Unit, broadcast_id: int) -> Approval | None:
    """Give what waits for a second person, if anything does."""
    return next(iter(rows.live(unit, APPROVAL, broadcast_id)), None)


def no(svc: Desk, unit: Unit, actor: Actor, broadcast_id: int) -> Refused | None:
    """Tell why this official may not let it go; None: he may. Nothing asked: newsletter.state."""
    waits = waiting(unit, broadcast_id)
    if waits is None:
        return Refused("newsletter.state")
    found = approvals.may_decide(svc, unit, actor, waits)
    if found is None or found.key != "approval.self":
        return found
    return Refused("newsletter.self", others=", ".join(others(svc, unit, waits)))


def decide(
    svc: Desk, unit: Unit, actor: Actor, broadcast_id: int, version: int, yes: bool, reason: str
) -> Approval:
    """Say yes or no to what was seen at `version`: not to what was asked anew meanwhile.

    Raises `Refused` newsletter.unknown, .stale, .state, .self, and what `approvals.decide` tells.
    """
    one = _known(unit, broadcast_id)
    if one.version != version:
        raise Refused("newsletter.stale")
    found, waits = no(svc, unit, actor, broadcast_id), waiting(unit, broadcast_id)
    if found is not None or waits is None:
        raise found or Refused("newsletter.state")
    return approvals.decide(svc, unit, actor, waits.id, yes, reason)


def others(svc: Desk, unit: Unit, waits: Approval) -> tuple[str, ...]:
    """Name who could be asked: "만든 사람은 승인할 수 없어요. {others}에게 부탁하세요."."""
    people = {
        who.id: who
        for role in sorted(rights.roles_with(Right.NEWSLETTERS_APPROVE))
        for who in officials.with_role(unit, role)
    }
    return tuple(
        f"{who.unit} {who.name}".strip()
        for who in people.values()
        if approvals.may_decide(svc, unit, officials.actor(who), waits) is None
    )


def tested(svc: Desk, unit: Unit, actor: Actor, broadcast_id: int) -> None:
    """Write down that somebody has sent himself a test: he is no second person for this version."""
    one = _known(unit, broadcast_id)
    broadcast_log.note(svc, unit, actor, broadcast_log.TESTED, one.id, version=one.version)


def writers(unit: Unit, broadcast_id: int) -> frozenset[int]:
    """Name who made, edited or tested it as it is now."""
    return broadcast_log.writers(unit, broadcast_id)


def summary(unit: Unit, one: Broadcast) -> Phrase:
    """Say what is let go: who made it, how many get it where, and when."""
    counted = audience.counted(unit, one.segment)
    names = {who.id: who.name for who in officials.everybody(unit)}
    clock: Param = Phrase("newsletter.clock")
    drafters = sorted(names.get(who, "") for who in writers(unit, one.id))
    made_by: Param = ", ".join(name for name in drafters if name) or clock
    at: Param = one.send_at.isoformat() if one.send_at else Phrase("newsletter.no_time")
    return Phrase(
        "newsletter.approve",
        {
            "number": one.number,
            "title": one.title,
            "drafter": made_by,
            **{name: counted.get(name, 0) for name in ("telegram", "mail", "web", "slack")},
            "send_at": at,
        },
    )


def by_clock(svc: Desk, unit: Unit, broadcast_id: int) -> bool:
    """Let go what the clock made of words that two persons have each seen before: an alert.

    False: something about it has to be mended, and it stays a draft.
    """
    one = _known(unit, broadcast_id)
    assert one.kind == broadcast_checks.BY_CLOCK
    if broadcast_checks.lacking(svc, unit, one, sending=True):
        return False
    _let_go(svc, unit, one, None)
    return True


def _let_go(svc: Desk, unit: Unit, one: Broadcast, by: int | None) -> None:
    values = {
        "state": APPROVED,
        "approved_hash": broadcasts.bound(unit, one),
        "approved_by_id": by,
        "approved_at": svc.now(),
        "why": "",
    }
    repository.mark(unit, one.id, values)


def _carried(svc: Desk, unit: Unit, approval: Approval) -> None:
    """Carry the approval out: what is lacking by now stops it, with everything undone."""
    one = _known(unit, approval.subject)
    if one.state != ASKED:
        raise Refused("newsletter.state")
    _mended(svc, unit, one)
    _let_go(svc, unit, one, approval.decided_by)
    actor = Actor("official", approval.decided_by)
    told = {"version": one.version, "approval": approval.id}
    broadcast_log.note(svc, unit, actor, broadcast_log.APPROVED, one.id, **told)


def _back(svc: Desk, unit: Unit, approval: Approval) -> None:
    """Make it a draft again, with what the second person said of it."""
    one = repository.get(unit, approval.subject, lock=True)
    if one is None or one.state != ASKED:
        return
    repository.mark(unit, one.id, {"state": DRAFT, "why": approval.answer})
    actor = Actor("official", approval.decided_by) if approval.decided_by else None
    broadcast_log.note(svc, unit, actor, broadcast_log.RETURNED, one.id, approval=approval.id)


def _bound(unit: Unit, subject: int, _detail: Mapping[str, Any]) -> Any:
    one = repository.get(unit, subject)
    return broadcasts.bound(unit, one) if one is not None else ""


def _others(_svc: Desk, unit: Unit, approval: Approval) -> AbstractSet[int | None]:
    return writers(unit, approval.subject)


def _about(svc: Desk, unit: Unit, approval: Approval) -> str:
    one = repository.get(unit, approval.subject)
    if one is None:
        return ""
    return svc.texts.render(summary(unit, one), "ko", svc.site.words())


def _mended(svc: Desk, unit: Unit, one: Broadcast) -> None:
    found = broadcast_checks.lacking(svc, unit, one)
    if found:
        raise found[0]


def _known(unit: Unit, broadcast_id: int) -> Broadcast:
    found = repository.get(unit, broadcast_id, lock=True)
    if found is None:
        raise Refused("newsletter.unknown")
    return found


approvals.register(
    APPROVAL,
    Kind(
        askers=rights.roles_with(Right.NEWSLETTERS),
        deciders=rights.roles_with(Right.NEWSLETTERS_APPROVE),
        carry_out=_carried,
        bound=_bound,
        about=_about,
        others=_others,
        back=_back,
    ),
)
