"""The list of units by XLSX: upload, see what would happen, carry it out with a second press."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.documents import reading, sheets
from bot.errors import Refused
from bot.handlers.desk.doing import new_command, once
from bot.handlers.desk.files import serve
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.staff import XLSX
from bot.handlers.desk.visit import Visit, see
from bot.services import unit_list
from bot.services.attachments import Opened
from bot.services.rights import Right
from bot.services.unit_list import Plan
from storage.unit import Unit


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _UnitList(parts, pages)
    return [
        reception.page("/admin/unit-list", desk.page, Right.UNITS, files=True),
        reception.page("/admin/unit-list/template", desk.template, Right.UNITS),
    ]


class _UnitList:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def page(self, visit: Visit) -> Response:
        """Ask for the list, show its dry run, carry it out."""
        if not visit.post:
            return self._show(visit)
        if visit.sent.get("step") == "save":
            return self._save(visit)
        files = visit.sent.files.get("list", ())
        if not files:
            return self._show(visit, wrong=self._pages.text("error.required"))
        svc = self._parts.svc
        content = files[0].file.read(reading.MOST_BYTES + 1)
        try:
            given = unit_list.read(
                reading.lines(content, rows=unit_list.MOST_ROWS, columns=unit_list.MOST_COLUMNS)
            )
        except Refused as error:
            return self._show(visit, wrong=self._pages.why(error))

        def work(unit: Unit) -> tuple[Plan, str]:
            found = unit_list.plan(svc, unit, given)
            return found, unit_list.keep(svc, unit, visit.actor, given)

        plan, secret = self._parts.store.transact(work, None)
        return self._show(visit, plan=plan, secret=secret)

    def template(self, visit: Visit) -> Response:  # noqa: ARG002 - the same for everybody
        """Give an empty list with the names of its columns."""
        title = self._pages.text("desk.unit_list.sheet")
        return serve(Opened(f"{title}.xlsx", XLSX, sheets.sheet(title, unit_list.HEAD, ())))

    def _save(self, visit: Visit) -> Response:
        svc = self._parts.svc
        secret, mark = visit.sent.get("kept"), visit.sent.get("mark")
        try:
            once(visit, "unit_list", mark, lambda unit: unit_list.press(
                svc, unit, visit.actor, secret, mark
            ))  # fmt: skip
        except Refused as error:
            return self._again(visit, secret, self._pages.why(error))
        return see(f"{self._parts.base}/admin/units")

    def _again(self, visit: Visit, secret: str, why: str) -> Response:
        svc = self._parts.svc

        def look(unit: Unit) -> Plan:
            return unit_list.plan(svc, unit, unit_list.kept(svc, unit, visit.actor, secret))

        try:
            plan = self._parts.store.read(look)
        except Refused:
            return self._show(visit, wrong=why)
        return self._show(visit, plan=plan, secret=secret, why=why)

    def _show(
        self,
        visit: Visit,
        *,
        plan: Plan | None = None,
        secret: str = "",
        wrong: str = "",
        why: str = "",
    ) -> Response:
        mistakes = plan.mistakes if plan else ()
        told: dict[str, Any] = {
            "mistakes": [
                (one.row, one.column, self._pages.text(one.key, value=one.value))
                for one in mistakes
            ],
            "columns": unit_list.HEAD,
        }
        return self._pages.show(
            visit,
            "unit_list.html",
            422 if wrong or why or mistakes else 200,
            plan=plan,
            secret=secret,
            wrong=wrong,
            why=why,
            command=new_command(visit),
            **told,
        )
