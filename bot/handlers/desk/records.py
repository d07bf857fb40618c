"""Records: what has to stay, what a board let go, the bundle, and the second person (S35)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.documents import bundle
from bot.errors import Refused
from bot.handlers.desk import keeping, plain, stepup
from bot.handlers.desk.doing import new_command, once
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Missing, Visit, see
from bot.handlers.fields import Choice, Field
from bot.services import bundles, disposals, holds
from bot.services.disposals import Plan, Ripe
from bot.services.rights import Right
from knowledge.korean import clean_line, meant_day
from storage.unit import Unit

Given = Mapping[str, Any]


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Records(parts, pages)
    return [
        reception.page("/records", desk.listed, Right.RECORDS),
        reception.page("/records/holds", desk.hold, Right.RECORDS),
        reception.page("/records/holds/{hold_id:int}/end", desk.end_hold, Right.RECORDS),
        reception.page("/records/new", desk.new, Right.RECORDS),
        reception.page("/records/{disposal_id:int}", desk.one, Right.RECORDS),
        reception.page("/records/{disposal_id:int}/bundle", desk.bundle, Right.RECORDS),
        reception.page("/records/{disposal_id:int}/ask", desk.ask, Right.RECORDS),
        reception.page("/records/{disposal_id:int}/drop", desk.drop, Right.RECORDS),
    ]


class _Records:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages
        self._svc = parts.svc

    # What stands, what was decided, what might go

    def listed(self, visit: Visit) -> Response:
        return self._list(visit, {}, {})

    def hold(self, visit: Visit) -> Response:
        """Hold a report."""
        if not visit.post:
            return see(f"{self._parts.base}/records")
        given = {
            "number": clean_line(visit.sent.get("number")),
            "reason": visit.sent.get("reason"),
        }
        wrong = plain.empty(self._pages, given, "number", "reason")
        if not wrong:
            try:
                once(visit, "hold", given, lambda unit: holds.put(
                    self._svc, unit, visit.actor, given["number"], given["reason"]
                ))  # fmt: skip
                return see(f"{self._parts.base}/records")
            except Refused as error:
                name = "reason" if error.key == "desk.hold.reason_length" else "number"
                wrong = {name: self._pages.why(error)}
        return self._list(visit, given, wrong)

    def end_hold(self, visit: Visit) -> Response:
        """Ask why a hold ends, and end it."""
        hold_id = int(visit.path("hold_id"))
        found = self._parts.store.read(lambda unit: holds.standing(unit, visit.actor))
        row = next((one for one in found if one.id == hold_id), None)
        if row is None:
            raise Missing
        given = {"reason": visit.sent.get("reason")} if visit.post else {}
        wrong = plain.empty(self._pages, given, "reason") if visit.post else {}
        if visit.post and not wrong:
            try:
                once(visit, "hold_end", [hold_id, given], lambda unit: holds.end(
                    self._svc, unit, visit.actor, hold_id, given["reason"]
                ))  # fmt: skip
                return see(f"{self._parts.base}/records")
            except Refused as error:
                wrong = {"reason": self._pages.why(error)}
        fields = [plain.field(self._pages, "hold", "reason", given, wrong, kind="long")]
        status = 422 if wrong else 200
        return self._pages.show(
            visit, "record_hold.html", status, row=row, fields=fields, command=new_command(visit)
        )

    def _list(self, visit: Visit, given: Given, wrong: Mapping[str, str]) -> Response:
        def read(unit: Unit) -> Any:
            return (
                disposals.listed(unit, visit.actor),
                holds.standing(unit, visit.actor),
                disposals.ripe(self._svc, unit, visit.actor),
            )

        made, held, ripe = self._parts.store.read(read)
        fields = [
            plain.field(self._pages, "hold", "number", given, wrong),
            plain.field(self._pages, "hold", "reason", given, wrong, kind="long"),
        ]
        return self._pages.show(
            visit,
            "records.html",
            422 if wrong else 200,
            made=made,
            held=held,
            ripe=ripe,
            years=self._svc.site.keep.record_years,
            fields=fields,
            command=new_command(visit),
        )

    # A 심의 is recorded

    def new(self, visit: Visit) -> Response:
        ripe = self._parts.store.read(lambda unit: disposals.ripe(self._svc, unit, visit.actor))
        if not visit.post:
            return self._form(visit, ripe, {}, {})
        given: dict[str, Any] = {
            "held_on": visit.sent.get("held_on"),
            "members": clean_line(visit.sent.get("members")),
            "decision": visit.sent.get("decision"),
            "numbers": list(visit.sent.words.get("numbers", ())),
        }
        wrong = plain.empty(self._pages, given, "held_on", "members", "decision", "numbers")
        day = meant_day(given["held_on"])
        if day is None:
            wrong.setdefault("held_on", self._pages.text("error.day"))
        if not given["members"].isdecimal() or len(given["members"]) > 3:
            wrong.setdefault("members", self._pages.text("desk.disposal.members_few"))
        if wrong or day is None:
            return self._form(visit, ripe, given, wrong)
        return self._draft(visit, ripe, given, day)

    def _draft(self, visit: Visit, ripe: tuple[Ripe, ...], given: Given, day: date) -> Response:
        try:
            made = once(visit, "disposal", given, lambda unit: disposals.draft(
                self._svc,
                unit,
                visit.actor,
                day,
                int(given["members"]),
                given["decision"],
                given["numbers"],
            ))  # fmt: skip
        except Refused as error:
            name = {
                "desk.disposal.day": "held_on",
                "desk.disposal.members_few": "members",
                "desk.disposal.decision_short": "decision",
            }.get(error.key, "numbers")
            return self._form(visit, ripe, given, {name: self._pages.why(error)})
        return see(f"{self._parts.base}/records/{made}" if made else f"{self._parts.base}/records")

    def _form(
        self, visit: Visit, ripe: tuple[Ripe, ...], given: Given, wrong: Mapping[str, str]
    ) -> Response:
        may_go = [Choice(one.number, one.number) for one in ripe if not one.held]
        fields: list[Field] = [
            plain.field(self._pages, "disposal", "held_on", given, wrong, kind="day"),
            plain.field(self._pages, "disposal", "members", given, wrong),
            plain.field(self._pages, "disposal", "decision", given, wrong, kind="long"),
            plain.field(
                self._pages, "disposal", "numbers", given, wrong, kind="many", options=may_go
            ),
        ]
        return self._pages.show(
            visit,
            "record_new.html",
            422 if wrong else 200,
            fields=fields,
            none=not may_go,
            command=new_command(visit),
        )

    # One disposal

    def one(self, visit: Visit) -> Response:
        return self._one(visit, {}, {})

    def _one(self, visit: Visit, given: Given, wrong: Mapping[str, str]) -> Response:
        found = self._plan(visit)
        fields = [plain.field(self._pages, "disposal", "why", given, wrong, kind="long")]
        return self._pages.show(
            visit,
            "record.html",
            422 if wrong else 200,
            plan=found,
            fields=fields,
            command=new_command(visit),
        )

    def bundle(self, visit: Visit) -> Response:
        """Make the transfer bundle, write its hash down, hand it over."""
        disposal_id = self._plan(visit).id
        if not visit.post:
            return see(f"{self._parts.base}/records/{disposal_id}")
        stepup.require(visit)
        store, svc = self._parts.store, self._svc
        chosen = store.read(lambda unit: disposals.filings_of(unit, visit.actor, disposal_id))
        path = keeping.place(self._parts)
        made = bundle.write(path, bundles.cases(svc, store.read, chosen))
        try:
            noted = once(visit, "bundle", disposal_id, lambda unit: disposals.exported(
                svc, unit, visit.actor, disposal_id, made.sha256, made.size
            ))  # fmt: skip
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        if noted is None:  # pressed twice: the first one is the one that counts
            path.unlink(missing_ok=True)
            return see(f"{self._parts.base}/records/{disposal_id}")
        return keeping.hand_over(path, f"records-{disposal_id}.zip")

    def ask(self, visit: Visit) -> Response:
        """Ask the second person."""
        disposal_id = self._plan(visit).id
        if not visit.post:
            return see(f"{self._parts.base}/records/{disposal_id}")
        stepup.require(visit)
        given = {"why": visit.sent.get("why")}
        try:
            once(visit, "disposal_ask", [disposal_id, given], lambda unit: disposals.ask(
                self._svc, unit, visit.actor, disposal_id, given["why"]
            ))  # fmt: skip
        except Refused as error:
            return self._one(visit, given, {"why": self._pages.why(error)})
        return see(f"{self._parts.base}/records/{disposal_id}")

    def drop(self, visit: Visit) -> Response:
        """Let the cases be."""
        disposal_id = self._plan(visit).id
        if visit.post:
            once(visit, "disposal_drop", disposal_id, lambda unit: disposals.drop(
                self._svc, unit, visit.actor, disposal_id
            ))  # fmt: skip
        return see(f"{self._parts.base}/records/{disposal_id}")

    def _plan(self, visit: Visit) -> Plan:
        number = int(visit.path("disposal_id"))
        try:
            return self._parts.store.read(lambda unit: disposals.plan(unit, visit.actor, number))
        except Refused:
            raise Missing from None
