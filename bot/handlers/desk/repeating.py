"""A report beside the earlier ones of the same person (민원처리법 제23조)."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.errors import Refused
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Missing, Visit, see
from bot.services import comparing, moves
from bot.services.comparing import Repeats
from bot.services.rights import Right
from storage.unit import Unit


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Repeats(parts, pages)
    return [reception.page("/filings/{number}/repeats", desk.page, Right.CONTENT)]


class _Repeats:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def page(self, visit: Visit) -> Response:
        """Show what is new, what was answered, and whether it may be closed; nothing is decided."""
        svc, number = self._parts.svc, visit.path("number")

        def work(unit: Unit) -> tuple[Repeats, bool]:
            found = comparing.compare(svc, unit, visit.actor, number)
            may = moves.available(svc, unit, visit.actor, number)
            return found, any(one.action == "close_repeat" and not one.blocked for one in may)

        try:
            found, closes = self._parts.store.transact(
                work, f"desk-repeats:{svc.random(16).hex()}"
            )
        except Refused as error:
            if error.key == "conflict.ask":
                return see(f"{self._parts.base}/filings/{number}")
            raise Missing from None
        return self._pages.show(visit, "repeats.html", number=number, found=found, closes=closes)
