"""Paper and files of a report: without the reporter, or with him by two persons (wording.md §13)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.errors import Refused
from bot.services import accesses, approvals, rights, sight, views
from bot.services.approvals import Approval, Kind
from bot.services.base import ANONYMOUS, Actor, Desk
from bot.services.rights import Right
from bot.services.sight import Filing
from bot.services.views import FilingView
from storage import journal
from storage.repositories import filings
from storage.unit import Unit

KIND = "print_unredacted"


def _sees(_svc: Desk, unit: Unit, actor: Actor, approval: Approval) -> bool:
    """Let nobody know of it from whom the report itself is hidden (S8)."""
    try:
        sight.get(unit, approval.subject, actor)
    except Refused:
        return False
    return True


approvals.register(
    KIND,
    Kind(
        askers=frozenset({"auditor", "audit_head"}),
        deciders=frozenset({"audit_head"}),
        sees=_sees,
        lasts=timedelta(days=1),
    ),
)


def allowed(unit: Unit, actor: Actor, filing: Filing, right: Right = Right.PRINT) -> None:
    """Refuse who may not take this one report out, or has not answered about a conflict.

    Raises `Refused` filing.unknown, conflict.ask.
    """
    if not rights.may(sight.acting(actor, filing), right):
        raise Refused("filing.unknown")
    if views.unasked(unit, actor, filing.number):
        raise Refused("conflict.ask")


def ask(svc: Desk, unit: Unit, actor: Actor, number: str, reason: str) -> int:
    """Ask the head for one copy with the reporter on it; another head decides.

    Raises `Refused` filing.unknown, conflict.ask, reporter.nobody, approval.reason.
    """
    filing = sight.find(unit, actor, number, lock=True)
    allowed(unit, actor, filing, Right.UNREDACTED)
    if filing.mode == ANONYMOUS:
        raise Refused("reporter.nobody")
    detail = {"number": filing.number, "user": actor.user_id}
    made = approvals.ask(svc, unit, actor, KIND, filing.id, detail, reason)
    journal.append(unit, filing.sid, svc.now(), actor.mark, "unredacted_asked", {})
    return made


def standing(svc: Desk, unit: Unit, actor: Actor, number: str) -> Approval | None:
    """Give what this official has asked for and not used yet; None: nothing."""
    filing = sight.find(unit, actor, number)
    return next(
        (
            one
            for one in approvals.open_(svc, unit, actor)
            if (one.kind, one.subject, one.asked_by) == (KIND, filing.id, actor.user_id)
        ),
        None,
    )


def use(svc: Desk, unit: Unit, actor: Actor, filing: Filing) -> Approval:
    """Use up what was granted; the journal has who asked, who granted and why.

    Raises `Refused` printing.not_granted.
    """
    granted = approvals.take(svc, unit, actor, KIND, filing.id)
    if granted is None:
        raise Refused("printing.not_granted")
    detail = {"reason": granted.why, "by": granted.decided_by}
    journal.append(unit, filing.sid, svc.now(), actor.mark, "printed_unredacted", detail)
    accesses.note(svc, unit, actor, "printed_unredacted", filing, reason=granted.why)
    return granted


def opened(
    svc: Desk, unit: Unit, actor: Actor, number: str
) -> tuple[FilingView, Mapping[str, Any]]:
    """Give a whole report and who reported it, once, for the copy that was granted.

    Raises `Refused` filing.unknown, conflict.ask, printing.not_granted.
    """
    filing = sight.find(unit, actor, number, lock=True)
    allowed(unit, actor, filing, Right.UNREDACTED)
    view = views.view(svc, unit, actor, number)
    use(svc, unit, actor, filing)
    return view, filings.identity(unit, filing)
