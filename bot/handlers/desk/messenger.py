"""메신저 연결: an official ties his account at the messenger to his own, and unties it."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.handlers.desk import stepup
from bot.handlers.desk.doing import new_command, once
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Missing, Visit, see
from bot.services import linking
from bot.services.orders import COMMAND
from bot.services.rights import Right

PATH = "/slack"


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    def page(visit: Visit) -> Response:
        """Show how the link stands; make a code, or end it. Not there without a messenger."""
        svc, store, actor = parts.svc, parts.store, visit.actor
        if not svc.office.on or actor.user_id is None:
            raise Missing
        user_id, step = actor.user_id, visit.sent.get("step")
        if visit.post and step == "unlink":
            once(visit, "unlink", "", lambda unit: linking.unlink(svc, unit, user_id, actor))
            return see(parts.base + PATH)
        code = None
        if visit.post:
            stepup.require(visit)
            code = once(visit, "offer", "", lambda unit: linking.offer(svc, unit, actor))
        return pages.show(
            visit,
            "messenger.html",
            linked=store.read(lambda unit: linking.state(svc, unit, user_id)),
            code=code,
            says=COMMAND,
            office=svc.office,
            command=new_command(visit),
        )

    return [reception.page(PATH, page, Right.SELF)]
