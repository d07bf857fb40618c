"""나중에 보기: an official puts the reminders of one filing off, for himself alone."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.dialogs.put_off import FORM
from bot.errors import Refused
from bot.handlers.desk.doing import new_command, once, seen
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Missing, Visit, see
from bot.handlers.fields import fields, sent
from bot.services import moves, nudges
from bot.services.rights import Right


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    svc, store = parts.svc, parts.store

    def page(visit: Visit) -> Response:
        """Ask until when; what is due then, and what a citizen is told, stays as it is."""
        number = visit.path("number")
        row = seen(visit, number)
        given: dict[str, Any] = {}
        errors: dict[str, Any] = {}
        if visit.post:
            given = sent(FORM, visit.sent.all)
            try:
                once(visit, f"later {number}", given, lambda unit: nudges.put_off(
                    svc, unit, visit.actor, number, given
                ))  # fmt: skip
            except moves.BadFields as bad:
                errors = dict(bad.errors)
            except Refused as error:
                raise Missing from error
            else:
                return see(f"{parts.base}/filings/{number}")
        return pages.show(
            visit,
            "put_off.html",
            422 if errors else 200,
            row=row,
            until=store.read(lambda unit: nudges.asleep(svc, unit, visit.actor, number)),
            fields=fields(FORM, given, nudges.context(svc), pages.say, errors),
            command=new_command(visit),
        )

    return [reception.page("/filings/{number}/later", page, Right.QUEUE, Right.APPLY)]
