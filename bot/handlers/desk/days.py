"""Days off: what the agency adds to the public ones, and which due dates that moves."""

from datetime import date
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
from bot.services import confirming, house
from bot.services.rights import Right
from knowledge.calendar import seoul_day
from knowledge.korean import clean_line, meant_day
from storage.unit import Unit


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Days(parts, pages)
    return [
        reception.page("/admin/days", desk.listed, Right.DAYS),
        reception.page("/admin/days/add", desk.add, Right.DAYS),
        reception.page("/admin/days/remove", desk.remove, Right.DAYS),
        reception.page("/admin/days/looked-over", desk.looked_over, Right.DAYS),
    ]


class _Days:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def listed(self, visit: Visit) -> Response:
        return self._show(visit, {}, {})

    def add(self, visit: Visit) -> Response:
        """Show which due dates a new day off would change; add it once that was seen."""
        if not visit.post:
            return see(f"{self._parts.base}/admin/days")
        given = {name: clean_line(visit.sent.get(name)) for name in ("day", "name", "source")}
        wrong = plain.empty(self._pages, given, "day", "name", "source")
        day = meant_day(given["day"])
        if day is None:
            wrong.setdefault("day", self._pages.text("error.day"))
        if wrong or day is None or visit.sent.get("step") == "edit":
            return self._show(visit, given, wrong)

        def work(unit: Unit) -> tuple[house.Moved, ...]:
            return house.add_day(
                self._parts.svc, unit, visit.actor, day, given["name"], given["source"]
            )

        try:
            if visit.sent.get("step") != "save":
                moved = tryout(self._parts.store, work)
                return self._look(visit, given, day, moved)
            once(visit, "day_off", given, work)
        except Refused as error:
            return self._show(visit, given, {"day": self._pages.why(error)})
        return see(f"{self._parts.base}/admin/days")

    def remove(self, visit: Visit) -> Response:
        day = meant_day(visit.sent.get("day"))
        if visit.post and day is not None:
            once(visit, "day_on", day, lambda unit: house.remove_day(
                self._parts.svc, unit, visit.actor, day
            ))  # fmt: skip
        return see(f"{self._parts.base}/admin/days")

    def looked_over(self, visit: Visit) -> Response:
        """Note that somebody has looked at the days off of a year."""
        year = visit.sent.get("year")
        if visit.post and year.isdecimal() and len(year) == 4:
            once(visit, "days_looked_over", year, lambda unit: confirming.look_over(
                self._parts.svc, unit, visit.actor, int(year)
            ))  # fmt: skip
        return see(f"{self._parts.base}/admin/days")

    def _look(
        self, visit: Visit, given: dict[str, str], day: date, moved: tuple[house.Moved, ...]
    ) -> Response:
        named = [(self._pages.maybe(f"deadline.{one.name}") or one.name, one) for one in moved]
        return self._pages.show(
            visit, "day.html", given=given, day_off=day, moved=named, command=new_command(visit)
        )

    def _show(self, visit: Visit, given: dict[str, Any], wrong: dict[str, str]) -> Response:
        fields = [
            plain.field(self._pages, "day_off", "day", given, wrong, kind="day"),
            plain.field(self._pages, "day_off", "name", given, wrong),
            plain.field(self._pages, "day_off", "source", given, wrong),
        ]
        svc = self._parts.svc
        year = confirming.year_to_look_over(seoul_day(svc.now()))

        def look(unit: Unit) -> dict[str, Any]:
            return {
                "rows": house.day_rows(unit),
                "listed": confirming.days_of(svc, unit, year),
                "seen": confirming.looked_over(unit, year),
            }

        return self._pages.show(
            visit,
            "days.html",
            422 if wrong else 200,
            **self._parts.store.read(look),
            year=year,
            fields=fields,
            command=new_command(visit),
        )
