"""One report: what was said, what happened, when it is due, what may be done (wording.md §13)."""

from collections.abc import Mapping

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.errors import Refused
from bot.handlers.desk import plain, stepup
from bot.handlers.desk.doing import new_command, once, seen
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.story import Story
from bot.handlers.desk.visit import Missing, Visit, see
from bot.handlers.fields import Choice
from bot.services import (
    applications,
    drafts,
    external,
    facts,
    house,
    listing,
    moves,
    reporter,
    rights,
    sight,
    views,
)
from bot.services.external import External
from bot.services.facts import Asked
from bot.services.moves import MoveForm
from bot.services.rights import Right
from bot.services.views import FilingView
from knowledge.procedures import Procedure
from storage.unit import Unit

NEXT = ("receive", "assign", "start", "to_approval", "result", "reply", "action_done", "close")
"""The road of an ordinary report: the first of these that is open is the page's one button."""
LEAVING = {"withdraw", "return", "recuse", "close_repeat", "close_excluded", "deem_withdrawn"}
"""Moves that end a report early or let it go: last, and in the colour of a warning."""
NEVER = {
    "guard.named", "guard.anonymous", "guard.many", "guard.ask_first", "guard.record_asked",
    "guard.earlier",
}  # fmt: skip
"""What keeps a move from ever fitting this report: then it is not even listed as waiting."""
RECENT = 8
"""So much of a long record stands open; the rest is one press away."""
GROUPS = ("next", "citizen", "unit", "inside", "leaving")


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Filing(parts, pages)
    return [
        reception.page("/filings/{number}", desk.page, Right.OPEN, Right.APPLY),
        reception.page("/filings/{number}/conflict", desk.conflict, Right.ACT),
        reception.page("/filings/{number}/reporter", desk.reporter, Right.IDENTITY),
    ]


def _beside(unit: Unit, visit: Visit, filing_id: int) -> tuple[External | None, bool, bool]:
    """Give what other systems call it, whether its answer is drafted, whether a case may be made."""
    filing = sight.get(unit, filing_id, visit.actor)
    reader = sight.acting(visit.actor, filing)
    if not rights.may(reader, Right.ACT):
        return None, False, False
    cases = filing.reach == sight.AUDIT and rights.may(reader, Right.CASE_DRAFTS)
    return external.of(unit, filing), drafts.drafted(unit, filing) is not None, cases


def _origin(unit: Unit, visit: Visit, filing_id: int) -> applications.Origin | None:
    """Give from which unit it comes; None for what is the audit office's own."""
    filing = sight.get(unit, filing_id, visit.actor)
    return applications.origin(unit, visit.actor, filing)


class _Filing:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages
        self._story = Story(parts, pages)

    def page(self, visit: Visit) -> Response:
        """Open a report: the journal first, then the page."""
        svc, number = self._parts.svc, visit.path("number")
        if self._apart(visit, number):
            done = visit.asked("done")
            said = f"?done={done}" if done.isidentifier() else ""
            return see(f"{self._parts.base}/applications/{number}{said}")

        def work(unit: Unit) -> tuple[FilingView, tuple[MoveForm, ...], tuple[Asked, ...]]:
            view = views.view(svc, unit, visit.actor, number)
            may: tuple[MoveForm, ...] = ()
            if view.acts:
                may = moves.available(svc, unit, visit.actor, number)
            return view, may, facts.of_filing(unit, view.filing_id)

        try:
            view, may, asked = self._parts.store.transact(
                work, f"desk-view:{svc.random(16).hex()}"
            )
        except Refused as error:
            if error.key == "conflict.ask":
                return self._ask(visit)
            raise Missing from None
        return self._show(visit, view, may, asked)

    def _apart(self, visit: Visit, number: str) -> bool:
        """Tell whether this reader has it as whose it is: that is a page of its own."""
        try:
            return self._parts.store.read(
                lambda unit: applications.apart(unit, visit.actor, number)
            )
        except Refused:
            raise Missing from None

    def _show(
        self,
        visit: Visit,
        view: FilingView,
        may: tuple[MoveForm, ...],
        asked: tuple[Asked, ...],
    ) -> Response:
        units = {row.id: row for row in self._parts.store.read(house.unit_rows)}
        other, drafted, cases = self._parts.store.read(
            lambda unit: _beside(unit, visit, view.filing_id)
        )
        rules = self._parts.svc.procedures[view.row.procedure]
        if not view.row.confirmed:  # who may not see it is looked at first, on a page of its own
            may = tuple(move for move in may if move.action != "assign")
        groups = self._groups(rules, [move for move in may if not move.blocked])
        done = visit.asked("done")
        parts = ["moves"] if groups else []
        words = ["report", "files", "talk", *(["facts"] if asked else [])] if view.acts else []
        parts += [*words, "due", "history"]
        return self._pages.show(
            visit,
            "filing.html",
            view=view,
            row=view.row,
            final=rules.states[view.row.state].final,
            groups=groups,
            waiting=[
                move
                for move in may
                if move.blocked
                and not any(getattr(one, "key", "") in NEVER for one in move.blocked)
            ],
            story=self._story.of(view, units),
            facts=self._story.asked(asked, units),
            sections=parts,
            acts=view.acts,
            other=other,
            drafted=drafted,
            may_case=cases,
            origin=self._parts.store.read(lambda unit: _origin(unit, visit, view.filing_id)),
            rules=rules,
            may_print=view.acts and rights.may(visit.actor, Right.PRINT),
            recent=RECENT,
            may_reporter=view.opens,
            may_guard=view.guards_it,
            said=self._said(visit, rules, done),
        )

    def _said(self, visit: Visit, rules: Procedure, done: str) -> str | None:
        if visit.asked("said") == "external":
            return self._pages.text("desk.external.noted")
        if done not in rules.moves:
            return None
        return self._pages.text("desk.move.done", what=self._pages.text(f"move.{done}.name"))

    @staticmethod
    def _groups(rules: Procedure, may: list[MoveForm]) -> list[tuple[str, list[MoveForm]]]:
        """Sort the moves by whom they reach; the ordinary next step stands alone and first."""
        road = [action for action in NEXT if any(move.action == action for move in may)]
        found: dict[str, list[MoveForm]] = {name: [] for name in GROUPS}
        for move in may:
            told = {notice.to for notice in rules.moves[move.action].notify}
            if road and move.action == road[0]:
                found["next"].append(move)
            elif move.action in LEAVING:
                found["leaving"].append(move)
            elif "unit" in told:
                found["unit"].append(move)
            else:
                found["citizen" if "citizen" in told else "inside"].append(move)
        return [(name, moves) for name, moves in found.items() if moves]

    def _ask(self, visit: Visit) -> Response:
        return self._pages.show(
            visit, "conflict.html", number=visit.path("number"), command=new_command(visit)
        )

    def conflict(self, visit: Visit) -> Response:
        """Take the answer about a conflict of interest; with one, the report is gone at once."""
        number, answer = visit.path("number"), visit.sent.get("answer")
        if not visit.post or answer not in {"none", "some"}:
            return see(f"{self._parts.base}/filings/{number}")
        try:
            once(visit, f"conflict {number}", answer, lambda unit: views.declare(
                self._parts.svc, unit, visit.actor, number, conflict=answer == "some"
            ))  # fmt: skip
        except Refused:
            raise Missing from None
        if answer == "none":
            return see(f"{self._parts.base}/filings/{number}")
        return see(f"{self._parts.base}/filings?said=conflict")

    def reporter(self, visit: Visit) -> Response:
        """Open who reported, with a reason that the journal keeps first."""
        svc, number = self._parts.svc, visit.path("number")
        seen(visit, number)
        stepup.require(visit)
        if not visit.post:
            return self._reason(visit, number, {}, {})
        given = {name: visit.sent.get(name) for name in ("code", "reason")}
        reason, code = given["reason"], given["code"]
        try:
            who, procedure = self._parts.store.transact(
                lambda unit: (
                    reporter.reveal(svc, unit, visit.actor, number, reason, code=code),
                    listing.row_of(svc, unit, visit.actor, number).procedure,
                ),
                f"desk-reporter:{svc.random(16).hex()}",
            )
        except Refused as error:
            if error.key == "filing.unknown":
                raise Missing from None
            where = "code" if error.key == "reporter.code" else "reason"
            return self._reason(visit, number, given, {where: self._pages.why(error)})
        shown = self._story.identity(procedure, who)
        return self._pages.show(visit, "reporter.html", number=number, who=shown, reason=reason)

    def _reason(
        self, visit: Visit, number: str, given: Mapping[str, str], wrong: Mapping[str, str]
    ) -> Response:
        why = [
            Choice(code, self._pages.text(f"desk.reporter.why.{code}")) for code in reporter.WHY
        ]
        fields = [
            plain.field(self._pages, "reporter", "code", given, wrong, kind="choice", options=why),
            plain.field(self._pages, "reporter", "reason", given, wrong, kind="long"),
        ]
        return self._pages.show(
            visit,
            "reason.html",
            422 if wrong else 200,
            number=number,
            title=self._pages.text("desk.reporter.open"),
            text=self._pages.text("desk.reporter.text"),
            button=self._pages.text("desk.reporter.open"),
            fields=fields,
        )
