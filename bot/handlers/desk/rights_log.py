"""The log of changes of rights: a page and a table to take away, for the inspector."""

from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.documents import sheets
from bot.errors import Refused
from bot.handlers.desk import stepup
from bot.handlers.desk.doing import command_of, new_command
from bot.handlers.desk.files import serve
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import LONGEST_ID, Visit, see
from bot.services import rights_log
from bot.services.attachments import Opened
from bot.services.rights import Right
from bot.services.rights_log import PAGE, Line, Span
from knowledge.korean import meant_day

COLUMNS = ("at", "who", "login", "what", "role", "by", "approval")


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _RightsLog(parts, pages)
    return [
        reception.page("/rights-log", desk.listed, Right.RIGHTS_LOG),
        reception.page("/rights-log/download", desk.download, Right.RIGHTS_LOG),
    ]


class _RightsLog:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def listed(self, visit: Visit) -> Response:
        span, wrong = self._span(visit.asked("since"), visit.asked("until"))
        after = visit.asked("after")[:LONGEST_ID]
        key = int(after) if after.isascii() and after.isdecimal() else None
        try:
            found = self._parts.store.read(
                lambda unit: rights_log.lines(unit, visit.actor, span, after=key, limit=PAGE + 1)
            )
        except Refused as error:
            found, wrong = (), self._pages.why(error)
        query = {"since": span.since.isoformat(), "until": span.until.isoformat()}
        further = ""
        if len(found) > PAGE:
            found = found[:PAGE]
            further = "?" + urlencode({**query, "after": str(found[-1].id)})
        return self._pages.show(
            visit,
            "rights_log.html",
            422 if wrong else 200,
            lines=[(line, self._what(line)) for line in found],
            query=query,
            further=further,
            wrong=wrong,
            years=self._parts.svc.site.rights_log_years,
            command=new_command(visit),
        )

    def download(self, visit: Visit) -> Response:
        """Give the span as XLSX."""
        if not visit.post:
            return see(f"{self._parts.base}/rights-log")
        stepup.require(visit)
        span, wrong = self._span(visit.sent.get("since"), visit.sent.get("until"))
        if wrong:
            return see(f"{self._parts.base}/rights-log")
        command_of(visit)
        found = self._parts.store.transact(
            lambda unit: rights_log.download(self._parts.svc, unit, visit.actor, span), None
        )
        title = self._pages.text("desk.rights_log.title")
        head = [self._pages.text(f"desk.rights_log.{name}") for name in COLUMNS]
        rows = [
            (sheets.at(one.at), one.who, one.login, self._what(one), self._role(one), one.by,
             one.approval) for one in found
        ]  # fmt: skip
        name = f"{title} {span.since}~{span.until}.xlsx"
        return serve(Opened(name, sheets.MIME, sheets.sheet(title, head, rows)))

    def _span(self, since: str, until: str) -> tuple[Span, str]:
        usual = rights_log.usual(self._parts.svc)
        first, last = meant_day(since), meant_day(until)
        bad = (since and first is None) or (until and last is None)
        words = self._pages.text("error.day") if bad else ""
        return Span(first or usual.since, last or usual.until), words

    def _what(self, line: Line) -> str:
        return self._pages.text(f"desk.rights_log.is.{line.what}")

    def _role(self, line: Line) -> str:
        return self._pages.text(f"desk.role.{line.role}") if line.role else ""
