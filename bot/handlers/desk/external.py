"""The number that a report bears in the office's other system, and the due date named there."""

from collections.abc import Mapping

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.errors import Refused
from bot.handlers.desk import plain
from bot.handlers.desk.doing import new_command, once, seen
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Missing, Visit, see
from bot.services import clocks, external, sight
from bot.services.external import External
from bot.services.rights import Right
from knowledge.calendar import seoul_day
from knowledge.korean import meant_day
from storage.unit import Unit


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _External(parts, pages)
    return [reception.page("/filings/{number}/external", desk.page, Right.ACT)]


class _External:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def page(self, visit: Visit) -> Response:
        """Show what is noted; note another number or date."""
        number = seen(visit, visit.path("number")).number
        if not self._parts.svc.site.other_system:
            raise Missing
        if not visit.post:
            return self._form(visit, number, self._now(visit, number), {})
        given = {name: visit.sent.get(name) for name in ("no", "due", "why")}
        due = meant_day(given["due"])
        if given["due"] and (due is None or not 1990 <= due.year <= 2999):
            return self._form(visit, number, given, {"due": self._pages.text("error.day")})
        try:
            once(visit, f"external {number}", given, lambda unit: external.put(
                self._parts.svc, unit, visit.actor, number,
                external_no=given["no"], due=due, why=given["why"],
            ))  # fmt: skip
        except Refused as error:
            if error.key == "filing.unknown":
                raise Missing from None
            return self._form(visit, number, given, {"no": self._pages.why(error)})
        return see(f"{self._parts.base}/filings/{number}?said=external")

    def _now(self, visit: Visit, number: str) -> dict[str, str]:
        def look(unit: Unit) -> External | None:
            return external.of(unit, sight.find(unit, visit.actor, number))

        found = self._parts.store.read(look)
        if found is None:
            return {}
        due = seoul_day(found.due_at).isoformat() if found.due_at else ""
        return {"no": found.number, "due": due}

    def _form(
        self, visit: Visit, number: str, given: Mapping[str, str], wrong: Mapping[str, str]
    ) -> Response:
        fields = [
            plain.field(self._pages, "external", "no", given, wrong),
            plain.field(self._pages, "external", "due", given, wrong, kind="day", optional=True),
        ]
        if self._parts.svc.site.due_authority == clocks.THEIRS:
            fields.append(
                plain.field(
                    self._pages, "external", "why", given, wrong, kind="long", optional=True
                )
            )
        return self._pages.show(
            visit,
            "external.html",
            422 if wrong else 200,
            number=number,
            fields=fields,
            command=new_command(visit),
        )
