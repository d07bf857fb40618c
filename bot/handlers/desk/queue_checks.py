"""처리상황 점검: how cases stand, looked at each month (민원처리법 시행령 제22조)."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.errors import Refused
from bot.handlers.desk import plain
from bot.handlers.desk.doing import new_command, once
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Missing, Visit, see
from bot.services import queue_checks, rights
from bot.services.queue_checks import COUNTED
from bot.services.rights import Right
from storage.unit import Unit


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Checks(parts, pages)
    return [
        reception.page("/queue-checks", desk.listed, Right.CHECKS),
        reception.page("/queue-checks/{month}", desk.month, Right.CHECKS),
    ]


class _Checks:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def listed(self, visit: Visit) -> Response:
        """Show the months and what was found in them."""
        found = self._parts.store.read(lambda unit: queue_checks.listed(unit, visit.actor))
        return self._pages.show(visit, "queue_checks.html", checks=found, counted=COUNTED)

    def month(self, visit: Visit) -> Response:
        """Show how cases stand, or stood when a month was checked; keep what was found."""
        svc, actor, month = self._parts.svc, visit.actor, visit.path("month")
        remark, error = visit.sent.get("remark"), ""
        if visit.post:
            try:
                once(visit, f"queue check {month}", remark, lambda unit: queue_checks.close(
                    svc, unit, actor, month, remark
                ))  # fmt: skip
            except Refused as refused:
                if refused.key == "queue_check.month":
                    raise Missing from None
                error = self._pages.why(refused)
            else:
                return see(f"{self._parts.base}/queue-checks")

        def look(unit: Unit) -> dict[str, Any]:
            every = queue_checks.listed(unit, actor)
            check = next((one for one in every if one.month == month), None)
            done = check is not None and check.checked_at is not None
            return {
                "check": check,
                "figures": check.figures
                if check and done
                else queue_checks.figures(svc, unit, actor),
                "rows": () if done else queue_checks.late(svc, unit, actor),
            }

        found = self._parts.store.read(look)
        if found["check"] is None:
            raise Missing
        given, wrong = {"remark": remark}, {"remark": error} if error else {}
        field = plain.field(self._pages, "checks", "remark", given, wrong, kind="long")
        return self._pages.show(
            visit,
            "queue_check.html",
            422 if error else 200,
            fields=[field],
            counted={name: one.query() for name, one in COUNTED.items()},
            opens=rights.may(actor, Right.OPEN),
            urges=rights.may(actor, Right.URGE),
            command=new_command(visit),
            **found,
        )
