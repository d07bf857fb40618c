"""확인할 값: what no law gives, and who of the agency stands for it."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.errors import Refused
from bot.handlers.desk.doing import new_command, once
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Visit, see
from bot.services import confirming
from bot.services.confirming import BASIS
from bot.services.rights import Right
from knowledge.korean import clean_line


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    svc, store = parts.svc, parts.store

    def page(visit: Visit) -> Response:
        """Show every value with its source; take somebody's word for one of them."""
        problem = ""
        if visit.post:
            name, mark = visit.sent.get("name"), visit.sent.get("mark")
            basis = clean_line(visit.sent.get("basis"))[:BASIS]
            try:
                once(visit, "value", [name, mark, basis], lambda unit: confirming.confirm(
                    svc, unit, visit.actor, name, mark, basis
                ))  # fmt: skip
            except Refused as error:
                problem = pages.why(error)
            else:
                return see(f"{parts.base}/values")
        found = store.read(lambda unit: confirming.values(svc, unit))
        groups = {
            title: [one for one in found if one.procedure == title]
            for title in dict.fromkeys(one.procedure for one in found)
        }
        return pages.show(
            visit,
            "values.html",
            422 if problem else 200,
            groups=groups,
            waiting=sum(not one.confirmed for one in found),
            problem=problem,
            most=BASIS,
            command=new_command(visit),
        )

    return [reception.page("/values", page, Right.VALUES)]
