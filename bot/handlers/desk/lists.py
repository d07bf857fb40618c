"""Lists by XLSX: upload, see what would happen, carry it out with a second press (`uploads`)."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
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
from bot.services import (
    case_files,
    case_import,
    case_upload,
    importing,
    staff_list,
    staff_rows,
    unit_list,
    uploads,
)
from bot.services.attachments import Opened
from bot.services.uploads import Given, Plan, Sheet
from knowledge import importing as case_columns
from knowledge import tables
from knowledge.procedures import Procedure
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Kind:
    """A list with a page.

    `words` names its sentences (`desk.<words>.*`) and the part of the page that shows its plan;
    `hows` is what has to be chosen beside the file, with its words. `read` reads files that are
    not only sheets; `examples` are rows of the empty list.
    """

    sheet: Sheet[Any]
    path: str
    words: str
    back: str
    head: tuple[str, ...]
    rows: int
    columns: int
    hows: Mapping[str, str] = field(default_factory=dict)
    longest: int = reading.LONGEST
    times: bool = False
    read: Callable[[bytes, str], Given] | None = None
    accept: str = ".xlsx"
    examples: tuple[tuple[sheets.Cell, ...], ...] = ()


KINDS = (
    Kind(
        staff_list.SHEET, "/admin/staff", "staff", "/admin/users", staff_rows.HEAD,
        staff_rows.MOST_ROWS, staff_rows.MOST_COLUMNS,
        {staff_list.KEEP: "desk.staff.how_keep", staff_list.LEAVE: "desk.staff.how_leave"},
    ),
    Kind(
        unit_list.SHEET, "/admin/unit-list", "unit_list", "/admin/units", unit_list.HEAD,
        unit_list.MOST_ROWS, unit_list.MOST_COLUMNS,
    ),
    Kind(
        case_upload.SHEET, "/cases/import", "case_import", "/cases", case_columns.HEAD,
        tables.UPLOAD.rows, len(case_columns.HEAD),
        {how: f"desk.case_import.how_{how}" for how in case_import.HOWS},
        read=case_upload.take, accept=".xlsx,.csv,.json,.jsonl",
        examples=tuple(case_columns.plain_rows(case_files.EXAMPLES)),
    ),
)  # fmt: skip


def cases(procedure: Procedure) -> Kind:
    """Give the list of cases that were kept elsewhere; the words of a case are long."""
    return Kind(
        importing.sheet(procedure.id), "/import", "import", "/filings", importing.HEAD,
        importing.AT_DESK, importing.MOST_COLUMNS, longest=importing.LONGEST, times=True,
    )  # fmt: skip


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    made: list[BaseRoute] = []
    for kind in (*KINDS, *(cases(one) for one in importing.procedures(parts.svc)[:1])):
        desk = _Lists(parts, pages, kind)
        made += [
            reception.page(kind.path, desk.page, kind.sheet.right, files=True),
            reception.page(f"{kind.path}/template", desk.template, kind.sheet.right),
        ]
    return made


class _Lists:
    def __init__(self, parts: DeskParts, pages: Pages, kind: Kind) -> None:
        self._parts = parts
        self._pages = pages
        self._kind = kind

    def page(self, visit: Visit) -> Response:
        """Ask for the list, show its dry run, carry it out."""
        if not visit.post:
            return self._ask(visit, {})
        return self._save(visit) if visit.sent.get("step") == "save" else self._look(visit)

    def template(self, visit: Visit) -> Response:  # noqa: ARG002 - the same for everybody
        """Give an empty list with the names of its columns."""
        title = self._pages.text(f"desk.{self._kind.words}.sheet")
        return serve(
            Opened(
                f"{title}.xlsx",
                sheets.MIME,
                sheets.sheet(title, self._kind.head, self._kind.examples),
            )
        )

    def _look(self, visit: Visit) -> Response:
        """Read what was sent and show what it would do; nothing is changed."""
        how, files = visit.sent.get("how"), visit.sent.files.get("list", ())
        wrong = {}
        if not files:
            wrong["list"] = self._pages.text("error.required")
        if self._kind.hows and how not in self._kind.hows:
            wrong["how"] = self._pages.text("error.required")
        if wrong:
            return self._ask(visit, wrong)
        svc, sheet = self._parts.svc, self._kind.sheet
        content = files[0].file.read(reading.MOST_BYTES + 1)
        try:
            given = self._read(content, how)
            plan, secret = self._parts.store.transact(
                lambda unit: uploads.look(svc, unit, visit.actor, sheet, given), None
            )
        except Refused as error:
            return self._ask(visit, {"list": self._pages.why(error)})
        return self._show(visit, plan, secret)

    def _read(self, content: bytes, how: str) -> Given:
        kind = self._kind
        if kind.read is not None:
            return kind.read(content, how)
        lines = reading.lines(
            content, rows=kind.rows, columns=kind.columns, longest=kind.longest, times=kind.times
        )
        return Given(lines, how if kind.hows else "", hashlib.sha256(content).hexdigest())

    def _save(self, visit: Visit) -> Response:
        stepup.require(visit)
        svc, sheet = self._parts.svc, self._kind.sheet
        secret, mark = visit.sent.get("kept"), visit.sent.get("mark")
        try:
            done = once(visit, sheet.kind, mark, lambda unit: uploads.press(
                svc, unit, visit.actor, sheet, secret, mark
            ))  # fmt: skip
        except Refused as error:
            return self._again(visit, secret, error)
        if done is None:
            return see(self._parts.base + self._kind.back)
        return self._show(visit, done, secret, done=True)

    def _again(self, visit: Visit, secret: str, error: Refused) -> Response:
        """Show the dry run of now when things have changed meanwhile, else ask for the list."""
        svc, why = self._parts.svc, self._pages.why(error)

        def look(unit: Unit) -> Plan:
            found: Plan = uploads.again(svc, unit, visit.actor, self._kind.sheet, secret)
            return found

        try:
            plan = self._parts.store.read(look)
        except Refused:
            return self._ask(visit, {"list": why})
        return self._show(visit, plan, secret, why=why)

    def _ask(self, visit: Visit, wrong: dict[str, str]) -> Response:
        return self._pages.show(
            visit,
            "list_ask.html",
            422 if wrong else 200,
            kind=self._kind,
            wrong=wrong,
            chosen=visit.sent.get("how"),
            command=new_command(visit),
        )

    def _show(
        self, visit: Visit, plan: Plan, secret: str, *, done: bool = False, why: str = ""
    ) -> Response:
        mistakes = [
            (one.row, one.column, self._pages.text(one.key, value=one.value))
            for one in plan.mistakes
        ]
        return self._pages.show(
            visit,
            "list_look.html",
            422 if why or (mistakes and not done) else 200,
            kind=self._kind,
            plan=plan,
            mistakes=mistakes,
            secret=secret,
            done=done,
            why=why,
            command=new_command(visit),
        )
