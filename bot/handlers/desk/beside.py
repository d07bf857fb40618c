"""What is like a report, beside it: other reports that one may open, and published cases."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.errors import Refused
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Missing, Visit, see
from bot.services import beside
from bot.services.rights import Right


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Beside(parts, pages)
    return [reception.page("/filings/{number}/similar", desk.page, Right.CONTENT)]


class _Beside:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def page(self, visit: Visit) -> Response:
        """Show what is alike, and of a repeat what is new in it; nothing is decided."""
        parts, number = self._parts, visit.path("number")
        try:
            found = beside.of(parts.svc, parts.store, parts.searches, visit.actor, number)
        except Refused as error:
            if error.key == "conflict.ask":
                return see(f"{parts.base}/filings/{number}")
            raise Missing from None
        return self._pages.show(visit, "similar.html", number=number, found=found)
