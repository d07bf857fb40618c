"""민원처리부 as XLSX, for a period."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.documents import sheets
from bot.errors import Refused
from bot.handlers.desk import plain
from bot.handlers.desk.files import serve
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Visit
from bot.services import register
from bot.services.attachments import Opened
from bot.services.register import COLUMNS, Period
from bot.services.rights import Right
from knowledge.calendar import seoul_day
from knowledge.korean import meant_day

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Register(parts, pages)
    return [reception.page("/register", desk.page, Right.EXPORT)]


class _Register:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def page(self, visit: Visit) -> Response:
        """Ask for a period, the last month before anything is said; hand the sheet over."""
        if not visit.post:
            last = seoul_day(self._parts.svc.now()).replace(day=1) - timedelta(days=1)
            first = last.replace(day=1)
            return self._form(visit, {"since": first.isoformat(), "until": last.isoformat()}, {})
        given = {name: visit.sent.get(name) for name in ("since", "until")}
        wrong = plain.empty(self._pages, given, *given)
        days = {name: meant_day(value) for name, value in given.items()}
        for name, day in days.items():
            if day is None or day.year < 1990 or day.year > 2999:
                wrong.setdefault(name, self._pages.text("error.day"))
        since, until = days["since"], days["until"]
        if wrong or since is None or until is None:
            return self._form(visit, given, wrong)
        try:
            period = Period(since, until)
        except Refused as error:
            return self._form(visit, given, {"until": self._pages.why(error)})
        return self._sheet(visit, period)

    def _sheet(self, visit: Visit, period: Period) -> Response:
        say, svc, store = self._pages.text, self._parts.svc, self._parts.store
        count = 0

        def counted() -> Iterator[tuple[str, ...]]:
            nonlocal count
            for row in register.rows(svc, store, visit.actor, period):
                count += 1
                yield row

        head = [say(f"register.column.{name}") for name in COLUMNS]
        data = sheets.sheet(say("register.title"), head, counted())
        store.transact(
            lambda unit: register.exported(svc, unit, visit.actor, period, count),
            f"desk-register:{svc.random(16).hex()}",
        )
        return serve(Opened(say("register.file"), MIME, data))

    def _form(self, visit: Visit, given: Mapping[str, str], wrong: Mapping[str, str]) -> Response:
        fields = [
            plain.field(self._pages, "register", name, given, wrong, kind="day")
            for name in ("since", "until")
        ]
        return self._pages.show(
            visit,
            "register.html",
            422 if wrong else 200,
            fields=fields,
            columns=[self._pages.text(f"register.column.{name}") for name in COLUMNS],
        )
