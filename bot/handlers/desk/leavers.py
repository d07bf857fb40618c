"""Open reports of who has left: seen together and handed over together."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.handlers.desk.doing import new_command
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Visit
from bot.handlers.fields import Choice
from bot.services import leavers, moves
from bot.services.rights import Right


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    def page(visit: Visit) -> Response:
        """List them; the form goes to the page that hands many over."""
        svc, store = parts.svc, parts.store
        rows = store.read(lambda unit: leavers.handover_list(svc, unit, visit.actor))
        lists = store.read(lambda unit: moves.context(svc, unit)).lookups
        people = [Choice(one.value, one.label) for one in lists.all("auditors")]  # type: ignore[attr-defined]
        return pages.show(
            visit, "leavers.html", rows=rows, people=people, command=new_command(visit)
        )

    return [reception.page("/leavers", page, Right.HANDOVER)]
