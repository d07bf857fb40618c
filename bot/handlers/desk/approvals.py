"""What takes two persons: what waits, who asks and why, and deciding it with a reason (S9)."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.errors import Refused
from bot.handlers.desk import plain, stepup
from bot.handlers.desk.doing import new_command, once
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Missing, Visit, see
from bot.services import approval_attempts, approvals, broadcast_drafts, officials
from bot.services.approvals import Approval
from bot.services.rights import Right
from storage.repositories import broadcasts
from storage.unit import Unit

TONES: Mapping[str, str] = {
    "open": "warning",
    "waiting": "information",
    "done": "success",
    "refused": "",
    "void": "",
    "stopped": "",
}


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Approvals(parts, pages)
    return [
        reception.page("/approvals", desk.listed, Right.APPROVALS, Right.SELF),
        reception.page("/approvals/{approval_id:int}", desk.one, Right.APPROVALS, Right.SELF),
    ]


@dataclass(frozen=True, slots=True)
class Shown:
    """An approval in words."""

    one: Approval
    about: str
    asker: str
    decider: str
    no: str  # why this official cannot decide it
    place: str = ""  # of the page on which it can be looked at


class _Approvals:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def listed(self, visit: Visit) -> Response:
        svc = self._parts.svc

        def look(unit: Unit) -> tuple[list[Shown], list[Shown], bool]:
            waits = approvals.open_(svc, unit, visit.actor)
            over = approvals.ended(svc, unit, visit.actor)
            return (
                [self._shown(unit, visit, one) for one in waits],
                [self._shown(unit, visit, one) for one in over],
                approvals.young(svc, unit),
            )

        waits, over, young = self._parts.store.read(look)
        return self._pages.show(
            visit, "approvals.html", waits=waits, over=over, young=young, approval_tones=TONES
        )

    def one(self, visit: Visit) -> Response:
        """Show one; decide it, or take it back."""
        approval_id = int(visit.path("approval_id"))
        shown = self._parts.store.read(lambda unit: self._find(unit, visit, approval_id))
        if not visit.post:
            return self._show(visit, shown, {})
        step, why = visit.sent.get("step"), visit.sent.get("why")
        svc = self._parts.svc

        def work(unit: Unit) -> Approval:
            if step == "stop":
                return approvals.stop(svc, unit, visit.actor, approval_id, why)
            yes = step == "yes"
            return approvals.decide(svc, unit, visit.actor, approval_id, yes, why)

        if step not in {"yes", "no", "stop"}:
            raise Missing
        if step == "yes":
            stepup.require(visit)
        try:
            once(visit, f"approval_{step}", [approval_id, why], work)
        except Refused as error:
            refused = error  # what it began is undone; that it was tried stays
            self._parts.store.transact(
                lambda unit: approval_attempts.tried(svc, unit, visit.actor, approval_id, refused),
                None,
            )
            return self._show(visit, shown, {"why": self._pages.why(error)}, why)
        return see(f"{self._parts.base}/approvals/{approval_id}")

    def _find(self, unit: Unit, visit: Visit, approval_id: int) -> Shown:
        try:
            found = approvals.get(self._parts.svc, unit, visit.actor, approval_id)
        except Refused:
            raise Missing from None
        return self._shown(unit, visit, found)

    def _show(
        self, visit: Visit, shown: Shown, wrong: Mapping[str, str], why: str = ""
    ) -> Response:
        one = shown.one
        live = one.state in {"open", "waiting"}
        field = plain.field(self._pages, "approval", "why", {"why": why}, wrong, kind="long")
        return self._pages.show(
            visit,
            "approval.html",
            422 if wrong else 200,
            shown=shown,
            live=live,
            may=one.state == "open" and not shown.no,
            delay=approvals.KINDS[one.kind].delay,
            field=field,
            young=self._parts.store.read(lambda unit: approvals.young(self._parts.svc, unit)),
            approval_tones=TONES,
            command=new_command(visit),
        )

    def _shown(self, unit: Unit, visit: Visit, one: Approval) -> Shown:
        svc = self._parts.svc
        no = approvals.may_decide(svc, unit, visit.actor, one) if one.state == "open" else None
        return Shown(
            one,
            approvals.KINDS[one.kind].about(svc, unit, one),
            self._name(unit, one.asked_by) or self._pages.text("desk.approval.console"),
            self._name(unit, one.decided_by),
            self._pages.why(no) if no else "",
            _place(unit, one),
        )

    @staticmethod
    def _name(unit: Unit, user_id: int | None) -> str:
        who = officials.official(unit, user_id) if user_id else None
        return f"{who.unit} {who.name}".strip() if who else ""


def _place(unit: Unit, one: Approval) -> str:
    """Give where the thing itself can be looked at."""
    if one.kind != broadcast_drafts.APPROVAL:
        return ""
    found = broadcasts.get(unit, one.subject)
    return f"/newsletters/{found.number}" if found is not None else ""
