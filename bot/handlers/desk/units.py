"""Units of the agency, for the administrator."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.dialogs.replies import Input
from bot.errors import Refused
from bot.handlers.desk import plain
from bot.handlers.desk.doing import new_command, once
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Missing, Visit, see
from bot.handlers.fields import Choice
from bot.services import house
from bot.services.house import UnitRow
from bot.services.rights import Right
from knowledge.calendar import seoul_day
from knowledge.korean import clean_line, meant_day

Given = dict[str, str]
FIELDS: tuple[tuple[str, Input], ...] = (
    ("code", "text"), ("name", "text"), ("parent", "lookup"), ("aliases", "long"),
    ("email", "text"), ("open", "consent"), ("until", "day"),
)  # fmt: skip


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Units(parts, pages)
    return [
        reception.page("/admin/units", desk.listed, Right.UNITS),
        reception.page("/admin/units/add", desk.one, Right.UNITS),
        reception.page("/admin/units/{code}", desk.one, Right.UNITS),
    ]


class _Units:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def listed(self, visit: Visit) -> Response:
        rows = self._parts.store.read(house.unit_rows)
        return self._pages.show(visit, "units.html", rows=rows)

    def one(self, visit: Visit) -> Response:
        """Add a unit or change one."""
        code = str(visit.request.path_params.get("code", ""))
        rows = self._parts.store.read(house.unit_rows)
        row = next((one for one in rows if one.code == code), None)
        if code and row is None:
            raise Missing
        if not visit.post:
            return self._form(visit, rows, _now(row, rows), {}, row)
        given = {name: clean_line(visit.sent.get(name)) for name, _ in FIELDS}
        given["aliases"] = visit.sent.get("aliases")
        given["code"] = code or given["code"].lower()
        return self._put(visit, rows, given, row)

    def _put(
        self, visit: Visit, rows: Sequence[UnitRow], given: Given, row: UnitRow | None
    ) -> Response:
        wrong = plain.empty(self._pages, given, "code", "name")
        plain_code = given["code"].replace("-", "").replace("_", "")
        if not wrong and not (plain_code.isascii() and plain_code.isalnum()):
            wrong["code"] = self._pages.text("desk.unit.code_bad")
        if row is None and any(one.code == given["code"] for one in rows):
            wrong["code"] = self._pages.text("desk.unit.code_taken")
        until = meant_day(given["until"])
        if given["until"] and until is None:
            wrong["until"] = self._pages.text("error.day")
        if wrong:
            return self._form(visit, rows, given, wrong, row)
        aliases = [clean_line(line) for line in given["aliases"].splitlines() if clean_line(line)]
        try:
            once(visit, "unit", given, lambda unit: house.put_unit(
                self._parts.svc,
                unit,
                visit.actor,
                code=given["code"],
                name=given["name"],
                aliases=aliases,
                parent=given["parent"],
                email=given["email"],
                open_=bool(given["open"]),
                until=until,
            ))  # fmt: skip
        except Refused as error:
            field = "until" if error.key == "reorganise.people" else "parent"
            wrong = {field: self._pages.why(error)}
            return self._form(visit, rows, given, wrong, row)
        return see(f"{self._parts.base}/admin/units")

    def _form(
        self,
        visit: Visit,
        rows: Sequence[UnitRow],
        given: Mapping[str, Any],
        wrong: Mapping[str, str],
        row: UnitRow | None,
    ) -> Response:
        today = seoul_day(self._parts.svc.now())
        over = [
            Choice(one.code, one.name)
            for one in rows
            if one.code != given["code"] and (one.valid_until is None or one.valid_until >= today)
        ]
        fields = [
            plain.field(
                self._pages,
                "unit",
                name,
                given,
                wrong,
                kind=kind,
                optional=name not in {"code", "name"},
                options=over if name == "parent" else (),
            )
            for name, kind in FIELDS
            if not (row and name == "code")
        ]
        return self._pages.show(
            visit,
            "unit.html",
            422 if wrong else 200,
            fields=fields,
            row=row,
            command=new_command(visit),
        )


def _now(row: UnitRow | None, rows: Sequence[UnitRow]) -> Given:
    if row is None:
        return {name: "yes" if name == "open" else "" for name, _ in FIELDS}
    codes = {one.name: one.code for one in rows}
    return {
        "code": row.code,
        "name": row.name,
        "parent": codes.get(row.parent, ""),
        "aliases": "\n".join(row.aliases),
        "email": row.email,
        "open": "yes" if row.open else "",
        "until": row.valid_until.isoformat() if row.valid_until else "",
    }
