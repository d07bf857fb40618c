"""대량 유입: what came above the budget, alike together, worked by age (security S34)."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.errors import Refused
from bot.handlers.desk.doing import new_command, once
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Missing, Visit, see
from bot.services import accesses, crowd
from bot.services.crowd import Group
from bot.services.rights import Right
from storage.unit import Unit


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Crowds(parts, pages)
    return [
        reception.page("/crowd", desk.listed, Right.ASSIGN),
        reception.page("/crowd/let-in", desk.let_in, Right.ASSIGN),
    ]


class _Crowds:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def listed(self, visit: Visit) -> Response:
        """List the groups; how the oldest of each begins is read, so it is noted."""
        svc = self._parts.svc

        def work(unit: Unit) -> tuple[Group, ...]:
            found = crowd.waiting(unit, visit.actor)
            if found:
                accesses.note(svc, unit, visit.actor, "crowd_opened", count=len(found))
            return found

        found = self._parts.store.transact(work, f"desk-crowd:{svc.random(16).hex()}")
        done = visit.asked("done")
        said = self._pages.text("desk.crowd.said", n=int(done[:6])) if done.isdecimal() else None
        return self._pages.show(
            visit, "crowd.html", groups=found, command=new_command(visit), said=said
        )

    def let_in(self, visit: Visit) -> Response:
        """Put the chosen reports among the others."""
        if not visit.post:
            return see(f"{self._parts.base}/crowd")
        chosen = sorted({one for line in visit.sent.all("numbers") for one in line.split()})
        try:
            done = once(visit, "let_in", chosen, lambda unit: crowd.let_in(
                self._parts.svc, unit, visit.actor, chosen
            ))  # fmt: skip
        except Refused:
            raise Missing from None
        return see(f"{self._parts.base}/crowd?done={done or 0}")
