"""독촉장: what is late, as an examiner may know of it, and pressing for it (시행령 제28조)."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.errors import Refused
from bot.handlers.desk.doing import new_command, once
from bot.handlers.desk.files import serve
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.papers import KINDS
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Missing, Visit, see
from bot.services import moves, officials, rights, urging
from bot.services.attachments import Opened
from bot.services.rights import Right
from bot.services.urging import URGE, Sheet
from storage.unit import Unit


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Urging(parts, pages)
    path = "/filings/{number}/urge"
    return [
        reception.page(path, desk.page, Right.URGE),
        reception.page(f"{path}/letter", desk.letter, Right.URGE),
    ]


class _Urging:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def page(self, visit: Visit) -> Response:
        """Show the dates of a report and what was sent before; send another."""
        svc, number = self._parts.svc, visit.path("number")
        if not visit.post:
            return self._show(visit, number)
        try:
            once(visit, f"urge {number}", "", lambda unit: moves.perform(
                svc, unit, visit.actor, number, None, URGE, {}
            ))  # fmt: skip
        except Refused as error:
            return self._show(visit, number, error)
        return see(f"{self._parts.base}/filings/{number}/urge?done=1")

    def letter(self, visit: Visit) -> Response:
        """Hand the letter over, in the office's form."""
        svc, number = self._parts.svc, visit.path("number")
        if not visit.post:
            return see(f"{self._parts.base}/filings/{number}/urge")
        kind = visit.sent.get("step")
        if kind not in KINDS:
            raise Missing
        make, mime = KINDS[kind]
        try:
            draft = self._parts.store.transact(
                lambda unit: urging.letter(svc, unit, visit.actor, number),
                f"desk-urge-letter:{svc.random(16).hex()}",
            )
        except Refused:
            raise Missing from None
        return serve(Opened(f"urge.{kind}", mime, make(draft)))

    def _show(self, visit: Visit, number: str, problem: Refused | None = None) -> Response:
        def look(unit: Unit) -> tuple[Sheet, dict[str, str]]:
            people = officials.everybody(unit)
            names = {f"user:{who.id}": f"{who.unit} {who.name}".strip() for who in people}
            return urging.sheet(self._parts.svc, unit, visit.actor, number), names

        try:
            sheet, names = self._parts.store.read(look)
        except Refused:
            raise Missing from None
        done = bool(visit.asked("done")) and problem is None
        return self._pages.show(
            visit,
            "urge.html",
            422 if problem else 200,
            row=sheet.row,
            sheet=sheet,
            before=[(one.at, names.get(one.actor, "")) for one in sheet.before],
            problem=self._pages.why(problem) if problem else "",
            opens=rights.may(visit.actor, Right.OPEN),
            said=self._pages.text("desk.urge.done") if done else None,
            command=new_command(visit),
        )
