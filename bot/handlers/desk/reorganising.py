"""Renaming, merging and closing units: look first, then press again."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.errors import Refused
from bot.handlers.desk import plain
from bot.handlers.desk.doing import new_command, once, tryout
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Visit, see
from bot.handlers.fields import Choice, Field
from bot.services import house, reorganise
from bot.services.reorganise import Reorganised, Wanted
from bot.services.rights import Right
from knowledge.calendar import seoul_day
from knowledge.korean import clean_line, meant_day
from storage.unit import Unit

FIELDS = {
    "reorganise.day": "day", "reorganise.units": "units", "reorganise.into": "into",
    "reorganise.code": "code", "reorganise.people": "into",
}  # fmt: skip
"""Beside which field a refusal is said."""


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Reorganising(parts, pages)
    return [reception.page("/admin/reorganise", desk.page, Right.UNITS)]


class _Reorganising:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def page(self, visit: Visit) -> Response:
        """Ask what ends and what takes over; show it; do it."""
        if not visit.post:
            return self._form(visit, {"units": list(_several(visit.asked("unit")))}, {})
        given: dict[str, Any] = {
            name: clean_line(visit.sent.get(name)) for name in ("into", "code", "name", "day")
        }
        given["code"] = given["code"].lower()
        given["units"] = list(visit.sent.all("units"))
        wrong = self._wrong(given)
        day = meant_day(given["day"])
        if wrong or day is None or visit.sent.get("step") == "edit":
            return self._form(visit, given, wrong)
        wanted = Wanted(given["units"], day, given["into"], given["code"], given["name"])

        def work(unit: Unit) -> Reorganised:
            return reorganise.carry_out(self._parts.svc, unit, visit.actor, wanted)

        try:
            if visit.sent.get("step") != "save":
                return self._look(visit, given, tryout(self._parts.store, work))
            once(visit, "reorganise", given, work)
        except Refused as error:
            field = FIELDS.get(error.key, "units")
            return self._form(visit, given, {field: self._pages.why(error)})
        return see(f"{self._parts.base}/admin/units")

    def _wrong(self, given: dict[str, Any]) -> dict[str, str]:
        wrong = plain.empty(self._pages, given, "units", "day")
        bare = given["code"].replace("-", "").replace("_", "")
        if given["code"] and not (bare.isascii() and bare.isalnum()):
            wrong["code"] = self._pages.text("desk.unit.code_bad")
        if given["day"] and meant_day(given["day"]) is None:
            wrong["day"] = self._pages.text("error.day")
        return wrong

    def _look(self, visit: Visit, given: dict[str, Any], what: Reorganised) -> Response:
        return self._pages.show(
            visit,
            "reorganise_look.html",
            given=given,
            what=what,
            from_day=meant_day(given["day"]),
            command=new_command(visit),
        )

    def _form(self, visit: Visit, given: dict[str, Any], wrong: dict[str, str]) -> Response:
        today = seoul_day(self._parts.svc.now())
        given = {"day": today.isoformat(), **given}
        return self._pages.show(
            visit,
            "reorganise.html",
            422 if wrong else 200,
            fields=self._fields(given, wrong),
            command=new_command(visit),
        )

    def _fields(self, given: dict[str, Any], wrong: dict[str, str]) -> list[Field]:
        rows = self._parts.store.read(house.unit_rows)
        units = [Choice(row.code, row.name) for row in rows if row.valid_until is None]

        def field(name: str, **how: Any) -> Field:
            return plain.field(self._pages, "reorganise", name, given, wrong, **how)

        return [
            field("units", kind="many", options=units),
            field("into", kind="lookup", options=units, optional=True),
            field("code", optional=True),
            field("name", optional=True),
            field("day", kind="day"),
        ]


def _several(text: str) -> tuple[str, ...]:
    return (text,) if text else ()
