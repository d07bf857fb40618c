"""이해관계 확인: who may not see a report, looked at and confirmed by a person at 접수 (S8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.errors import Refused
from bot.handlers.desk import plain
from bot.handlers.desk.doing import new_command, once
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import LONGEST_ID, Missing, Visit, see
from bot.handlers.fields import Choice, Field
from bot.services import guarding, house, officials
from bot.services.guarding import Sheet
from bot.services.rights import Right
from knowledge.korean import meant_day
from storage.unit import Unit

ADD = "add"
BESIDE = {
    "guarding.unit": "units", "guarding.person": "people", "guarding.since": "since",
    "guarding.many": "units",
}  # fmt: skip
"""Beside which field a refusal is said."""


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Guard(parts, pages)
    return [reception.page("/filings/{number}/guard", desk.page, Right.ASSIGN)]


@dataclass(frozen=True, slots=True)
class Given:
    """What was ticked and typed."""

    units: tuple[str, ...]
    people: tuple[str, ...]
    since: str
    unknown: bool


class _Guard:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def page(self, visit: Visit) -> Response:
        sheet = self._sheet(visit)
        if not visit.post:
            return self._show(visit, sheet, _now(sheet), {})
        given = _given(visit)
        if visit.sent.get("step") == ADD:
            return self._show(visit, sheet, given, {})
        since = meant_day(given.since)
        people = [int(one) for one in given.people if one.isdecimal() and len(one) <= LONGEST_ID]
        if since is None or len(people) != len(given.people):
            wrong = {"since": self._pages.text("error.day")} if since is None else {}
            return self._show(
                visit, sheet, given, wrong or {"people": self._pages.text("guarding.person")}
            )
        return self._confirm(visit, sheet, given, people, since)

    def _sheet(self, visit: Visit) -> Sheet:
        svc, number = self._parts.svc, visit.path("number")
        try:
            return self._parts.store.transact(
                lambda unit: guarding.sheet(svc, unit, visit.actor, number, noted=not visit.post),
                f"desk-guard:{svc.random(16).hex()}",
            )
        except Refused:
            raise Missing from None

    def _confirm(
        self, visit: Visit, sheet: Sheet, given: Given, people: Sequence[int], since: date
    ) -> Response:
        sent = visit.sent.get("version")
        version = int(sent) if sent.isdecimal() and len(sent) <= LONGEST_ID else sheet.version
        said = [given.units, given.people, given.since, given.unknown]
        try:
            stays = once(visit, f"guard {sheet.number}", said, lambda unit: guarding.confirm(
                self._parts.svc,
                unit,
                visit.actor,
                sheet.number,
                version,
                units=given.units,
                people=people,
                since=since,
                unknown=given.unknown,
            ))  # fmt: skip
        except Refused as error:
            if error.key == "filing.unknown":
                raise Missing from None
            where = BESIDE.get(error.key, "")
            wrong = {where: self._pages.why(error)} if where else {}
            problem = "" if where else self._pages.why(error)
            return self._show(visit, sheet, given, wrong, problem)
        there = f"/filings/{sheet.number}" if stays is not False else "/filings"
        return see(f"{self._parts.base}{there}")

    def _show(
        self,
        visit: Visit,
        sheet: Sheet,
        given: Given,
        wrong: dict[str, str],
        problem: str = "",
    ) -> Response:
        lists = self._parts.store.read(lambda unit: _lists(unit, sheet))
        return self._pages.show(
            visit,
            "guard.html",
            422 if wrong or problem else 200,
            sheet=sheet,
            fields=self._fields(sheet, given, wrong, lists),
            problem=problem,
            command=new_command(visit),
        )

    def _fields(
        self,
        sheet: Sheet,
        given: Given,
        wrong: dict[str, str],
        lists: tuple[list[Choice], list[Choice]],
    ) -> list[Field]:
        made: list[Field] = []
        for name, further, known, every, chosen in (
            ("units", "more_units", sheet.units, lists[0], given.units),
            ("people", "more_people", sheet.people, lists[1], given.people),
        ):
            values: dict[str, Any] = {name: list(chosen)}
            listed = self._listed(known, every, chosen)
            if listed:
                made.append(plain.field(
                    self._pages, "guard", name, values, wrong, kind="many", optional=True,
                    options=listed,
                ))  # fmt: skip
            rest = [one for one in every if one.value not in {two.value for two in listed}]
            more = plain.field(
                self._pages, "guard", further, {},
                {further: wrong[name]} if name in wrong and not listed else {},
                kind="lookup", optional=True, options=rest,
            )  # fmt: skip
            made.append(more)
        since = {"since": given.since}
        made.append(plain.field(self._pages, "guard", "since", since, wrong, kind="day"))
        unknown = {"unknown": "yes" if given.unknown else ""}
        made.append(
            plain.field(
                self._pages, "guard", "unknown", unknown, wrong, kind="consent", optional=True
            )
        )
        return made

    def _listed(
        self, known: Sequence[guarding.Choice], every: Sequence[Choice], chosen: Sequence[str]
    ) -> list[Choice]:
        """Give what was proposed, and what somebody added to it by hand."""
        said = self._pages.text("desk.guard.said")
        listed = [Choice(one.value, one.label, said if one.said else "") for one in known]
        there = {one.value for one in listed}
        return listed + [one for one in every if one.value in chosen and one.value not in there]


def _lists(unit: Unit, sheet: Sheet) -> tuple[list[Choice], list[Choice]]:
    """List every unit, ended ones too, and every account that is open or stands on the guard."""
    there = {one.value for one in sheet.people}
    people = [who for who in officials.everybody(unit) if who.active or str(who.id) in there]
    units = house.unit_rows(unit)
    return (
        [Choice(row.code, row.name) for row in units],
        [Choice(str(who.id), f"{who.name} ({who.unit})") for who in people],
    )


def _now(sheet: Sheet) -> Given:
    return Given(
        tuple(one.value for one in sheet.units if one.ticked),
        tuple(one.value for one in sheet.people if one.ticked),
        sheet.since.isoformat(),
        sheet.unknown,
    )


def _given(visit: Visit) -> Given:
    """Read what was sent; what was picked from a list counts as ticked."""

    def both(name: str) -> tuple[str, ...]:
        picked = [*visit.sent.all(name), visit.sent.get(f"more_{name}")]
        return tuple(dict.fromkeys(one for one in picked if one))

    return Given(
        both("units"), both("people"), visit.sent.get("since"), bool(visit.sent.get("unknown"))
    )
