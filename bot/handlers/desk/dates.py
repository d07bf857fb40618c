"""우리 기관 일정: days that the agency wants to be reminded of."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.errors import Refused
from bot.handlers.desk import plain
from bot.handlers.desk.doing import new_command, once
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Missing, Visit, see
from bot.handlers.fields import Choice
from bot.services import agency_dates
from bot.services.agency_dates import KINDS, REPEATS
from bot.services.base import ROLES
from bot.services.rights import Right
from knowledge.calendar import seoul_day
from knowledge.korean import clean_line, meant_day
from storage.unit import Unit

NAMES = ("kind", "title", "day", "repeats", "ahead", "role")
ONCE = "once"
FIELDS = {
    "agency_date.past": "day", "agency_date.ahead": "ahead", "agency_date.choice": "kind",
}  # fmt: skip
"""Beside which field a refusal is said; the title where nothing is named."""


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Dates(parts, pages)
    return [
        reception.page("/dates", desk.page, Right.DATES),
        reception.page("/dates/{date_id:int}/end", desk.end, Right.DATES),
    ]


class _Dates:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def page(self, visit: Visit) -> Response:
        """Show what comes, and what it holds back; add a day."""
        if not visit.post:
            return self._show(visit, {"repeats": ONCE, "ahead": "30, 7, 1", "kind": "other"}, {})
        given = {name: clean_line(visit.sent.get(name)) for name in NAMES}
        wrong = plain.empty(self._pages, given, *NAMES)
        day = meant_day(given["day"])
        if day is None:
            wrong.setdefault("day", self._pages.text("error.day"))
        ahead = _numbers(given["ahead"])
        if wrong or day is None:
            return self._show(visit, given, wrong)
        repeats = "" if given["repeats"] == ONCE else given["repeats"]
        try:
            once(visit, "agency_date", given, lambda unit: agency_dates.add(
                self._parts.svc, unit, visit.actor, kind=given["kind"], title=given["title"],
                day=day, repeats=repeats, ahead=ahead, role=given["role"],
            ))  # fmt: skip
        except Refused as error:
            field = FIELDS.get(error.key, "title")
            return self._show(visit, given, {field: self._pages.why(error)})
        return see(f"{self._parts.base}/dates")

    def end(self, visit: Visit) -> Response:
        date_id = int(visit.path("date_id"))
        if visit.post:
            try:
                once(visit, "agency_date_end", date_id, lambda unit: agency_dates.end(
                    self._parts.svc, unit, visit.actor, date_id
                ))  # fmt: skip
            except Refused:
                raise Missing from None
        return see(f"{self._parts.base}/dates")

    def _show(self, visit: Visit, given: dict[str, str], wrong: dict[str, str]) -> Response:
        svc, text = self._parts.svc, self._pages.text
        today = seoul_day(svc.now())

        def look(unit: Unit) -> dict[str, Any]:
            every = [(one.next(today), one) for one in agency_dates.running(unit)]
            comes = sorted(
                ((day, one) for day, one in every if day), key=lambda it: (it[0], it[1].id)
            )
            over = [one for day, one in every if day is None]
            return {"rows": comes, "over": over, "holds": list(agency_dates.holds(svc, unit))}

        def choice(name: str, area: str, values: tuple[str, ...]) -> Any:
            options = [Choice(value, text(f"{area}.{value}")) for value in values]
            return plain.field(
                self._pages, "date", name, given, wrong, kind="choice", options=options
            )

        repeats = (ONCE, *(name for name in REPEATS if name))
        fields = [
            choice("kind", "agency_date.kind", KINDS),
            plain.field(self._pages, "date", "title", given, wrong),
            plain.field(self._pages, "date", "day", given, wrong, kind="day"),
            choice("repeats", "agency_date.repeats", repeats),
            plain.field(self._pages, "date", "ahead", given, wrong),
            plain.field(
                self._pages,
                "date",
                "role",
                given,
                wrong,
                kind="lookup",
                options=[Choice(role, text(f"desk.role.{role}")) for role in ROLES],
            ),
        ]
        return self._pages.show(
            visit,
            "dates.html",
            422 if wrong else 200,
            **self._parts.store.read(look),
            once=ONCE,
            fields=fields,
            command=new_command(visit),
        )


def _numbers(text: str) -> tuple[int, ...]:
    """Read `30, 7, 1`; anything else is no list of days."""
    parts = [one.strip() for one in text.replace("일", "").split(",")]
    whole = all(one.isascii() and one.isdecimal() and len(one) <= 4 for one in parts)
    return tuple(int(one) for one in parts) if whole else ()
