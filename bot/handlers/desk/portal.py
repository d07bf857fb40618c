"""국민신문고 is down, or back: one switch, and how many wait to hear of it."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.handlers.desk.doing import new_command, once
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Visit, see
from bot.services import portal
from bot.services.rights import Right


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Portal(parts, pages)
    return [
        reception.page("/portal", desk.show, Right.PORTAL),
        reception.page("/portal/turn", desk.turn, Right.PORTAL),
    ]


class _Portal:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def show(self, visit: Visit) -> Response:
        svc = self._parts.svc
        now = self._parts.store.read(lambda unit: portal.state(svc, unit))
        return self._pages.show(
            visit, "portal.html", portal=now, most=portal.SHOWN, command=new_command(visit)
        )

    def turn(self, visit: Visit) -> Response:
        """Turn it one way or the other; a form that was sent twice turns nothing back."""
        wanted = visit.sent.get("down") if visit.post else ""
        if wanted in {"yes", "no"}:
            once(visit, "portal", wanted, lambda unit: portal.turn(
                self._parts.svc, unit, visit.actor, is_down=wanted == "yes"
            ))  # fmt: skip
        return see(f"{self._parts.base}/portal")
