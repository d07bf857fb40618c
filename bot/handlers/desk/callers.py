"""Somebody calls and does not have the number: name and four digits, both or nothing."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.errors import Refused
from bot.handlers.desk import plain
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Visit
from bot.services import callers
from bot.services.callers import Hits
from bot.services.rights import Right
from knowledge.korean import clean_line

GIVEN = ("name", "contact")


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Callers(parts, pages)
    return [reception.page("/callers", desk.page, Right.CALLERS)]


class _Callers:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def page(self, visit: Visit) -> Response:
        """Ask, and show what fits. By POST only: a name stands in no address (S37)."""
        given = {name: clean_line(visit.sent.get(name))[:100] for name in GIVEN}
        if not visit.post:
            return self._show(visit, given, {}, None)
        wrong = plain.empty(self._pages, given, *GIVEN)
        if wrong:
            return self._show(visit, given, wrong, None)
        svc = self._parts.svc
        try:
            found = self._parts.store.transact(
                lambda unit: callers.search(
                    svc, unit, visit.actor, given["name"], given["contact"]
                ),
                f"desk-caller:{svc.random(16).hex()}",
            )
        except Refused as error:
            return self._show(visit, given, {"contact": self._pages.why(error)}, None)
        return self._show(visit, given, {}, found)

    def _show(
        self, visit: Visit, given: dict[str, str], wrong: dict[str, str], found: Hits | None
    ) -> Response:
        fields = [plain.field(self._pages, "callers", name, given, wrong) for name in GIVEN]
        return self._pages.show(
            visit, "callers.html", 422 if wrong else 200, fields=fields, found=found
        )
