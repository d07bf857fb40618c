"""The staff list by XLSX: upload, see what would happen, carry it out with a second press."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.documents import reading, sheets
from bot.errors import Refused
from bot.handlers.desk import stepup
from bot.handlers.desk.doing import new_command, once
from bot.handlers.desk.files import serve
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Visit, see
from bot.services import staff_list, staff_rows
from bot.services.attachments import Opened
from bot.services.rights import Right
from bot.services.staff_list import Plan
from storage.unit import Unit

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WHOLE = {"leave": True, "keep": False}


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Staff(parts, pages)
    return [
        reception.page("/admin/staff", desk.page, Right.USERS, files=True),
        reception.page("/admin/staff/template", desk.template, Right.USERS),
    ]


class _Staff:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def page(self, visit: Visit) -> Response:
        """Ask for the list, show its dry run, carry it out."""
        if not visit.post:
            return self._ask(visit, {})
        if visit.sent.get("step") == "save":
            return self._save(visit)
        return self._look(visit)

    def template(self, visit: Visit) -> Response:  # noqa: ARG002 - the same for everybody
        """Give an empty list with the names of its columns."""
        title = self._pages.text("desk.staff.sheet")
        data = sheets.sheet(title, staff_rows.HEAD, ())
        return serve(Opened(f"{title}.xlsx", XLSX, data))

    def _look(self, visit: Visit) -> Response:
        """Read what was sent and show what it would do; nothing is changed."""
        whole = WHOLE.get(visit.sent.get("whole"))
        files = visit.sent.files.get("list", ())
        wrong = {}
        if not files:
            wrong["list"] = self._pages.text("error.required")
        if whole is None:
            wrong["whole"] = self._pages.text("error.required")
        if wrong or whole is None:
            return self._ask(visit, wrong)
        svc = self._parts.svc
        content = files[0].file.read(reading.MOST_BYTES + 1)
        try:
            lines = reading.lines(
                content, rows=staff_rows.MOST_ROWS, columns=staff_rows.MOST_COLUMNS
            )
            given = staff_rows.read(lines)
        except Refused as error:
            return self._ask(visit, {"list": self._pages.why(error)})

        def work(unit: Unit) -> tuple[Plan, str]:
            found = staff_list.plan(svc, unit, visit.actor, given, whole=whole)
            secret = staff_list.keep(svc, unit, visit.actor, given, whole=whole)
            return found, secret

        plan, secret = self._parts.store.transact(work, None)
        return self._show(visit, plan, secret)

    def _save(self, visit: Visit) -> Response:
        stepup.require(visit)
        svc = self._parts.svc
        secret, mark = visit.sent.get("kept"), visit.sent.get("mark")
        try:
            done = once(visit, "staff_list", mark, lambda unit: staff_list.press(
                svc, unit, visit.actor, secret, mark
            ))  # fmt: skip
        except Refused as error:
            return self._again(visit, secret, error)
        if done is None:
            return see(f"{self._parts.base}/admin/users")
        return self._show(visit, done, "", done=True)

    def _again(self, visit: Visit, secret: str, error: Refused) -> Response:
        """Show the dry run of now when the staff changed meanwhile, else ask for the list."""
        svc, why = self._parts.svc, self._pages.why(error)

        def look(unit: Unit) -> Plan:
            given, whole = staff_list.kept(svc, unit, visit.actor, secret)
            return staff_list.plan(svc, unit, visit.actor, given, whole=whole)

        try:
            plan = self._parts.store.read(look)
        except Refused:
            return self._ask(visit, {"list": why})
        return self._show(visit, plan, secret, why=why)

    def _ask(self, visit: Visit, wrong: dict[str, str]) -> Response:
        return self._pages.show(
            visit,
            "staff.html",
            422 if wrong else 200,
            wrong=wrong,
            columns=staff_rows.HEAD,
            chosen=visit.sent.get("whole"),
            command=new_command(visit),
        )

    def _show(
        self, visit: Visit, plan: Plan, secret: str, *, done: bool = False, why: str = ""
    ) -> Response:
        told: dict[str, Any] = {
            "plan": plan,
            "mistakes": [
                (one.row, one.column, self._pages.text(one.key, value=one.value))
                for one in plan.mistakes
            ],
            "secret": secret,
            "done": done,
            "why": why,
        }
        return self._pages.show(
            visit,
            "staff_look.html",
            422 if plan.mistakes or why else 200,
            command=new_command(visit),
            **told,
        )
