"""접속기록, for the inspector: read, filtered, taken along with a reason, looked over each month."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.documents import sheets
from bot.errors import Refused
from bot.handlers.desk import plain, stepup
from bot.handlers.desk.doing import new_command, once
from bot.handlers.desk.files import serve
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Missing, Visit, see
from bot.services import access_log, access_reviews
from bot.services.access_log import Asked, Line
from bot.services.attachments import Opened
from bot.services.rights import Right
from knowledge.calendar import seoul_day
from knowledge.korean import clean_line, meant_day
from storage.unit import Unit

SPAN = 31  # days that are shown when none are asked for; a file may have 366
LONGEST = 366
COLUMNS = ("at", "who", "network", "what", "number", "count", "reason")


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Log(parts, pages)
    return [
        reception.page("/access-log", desk.page, Right.ACCESS_LOG),
        reception.page("/access-log/download", desk.download, Right.ACCESS_LOG),
        reception.page("/access-log/reviews/{month}", desk.review, Right.ACCESS_LOG),
    ]


class _Log:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def page(self, visit: Visit) -> Response:
        """Show the newest lines of a span, and what in it somebody should ask about."""
        svc, actor = self._parts.svc, visit.actor
        asked, wrong = self._asked(visit)
        after = visit.asked("after")

        def look(unit: Unit) -> dict[str, Any]:
            key = int(after) if after.isdecimal() and len(after) < 18 else 0
            found, more = access_log.lines(unit, actor, asked, after=key)
            return {
                "lines": found,
                "more": more,
                "odd": access_log.odd(svc, unit, actor, asked),
                "people": access_log.people(unit, actor),
                "reviews": access_reviews.listed(unit, actor),
                "altered": access_reviews.altered(svc, unit, actor, asked),
            }

        seen = self._parts.store.read(look)
        return self._pages.show(
            visit,
            "access_log.html",
            422 if wrong else 200,
            asked=asked,
            wrong=wrong,
            query=urlencode(_query(asked)),
            what_of=self._what,
            **seen,
        )

    def download(self, visit: Visit) -> Response:
        """Ask why, write it down, then hand the table over."""
        stepup.require(visit)
        asked, wrong = self._asked(visit)
        if wrong:
            return see(f"{self._parts.base}/access-log")
        if not visit.post:
            return self._why(visit, asked, "", "")
        reason = visit.sent.get("reason")
        try:
            found = self._parts.store.transact(
                lambda unit: access_log.download(
                    self._parts.svc, unit, visit.actor, asked, reason
                ),
                None,
            )
        except Refused as error:
            return self._why(visit, asked, reason, self._pages.why(error))
        title = self._pages.text("desk.access_log.title")
        head = [self._pages.text(f"desk.access_log.{name}") for name in COLUMNS]
        data = sheets.sheet(title, head, [self._row(line) for line in found])
        return serve(Opened(f"{title} {asked.since}~{asked.until}.xlsx", sheets.MIME, data))

    def review(self, visit: Visit) -> Response:
        """Look a month over: what is odd, what is missing, and the reviewer's remark."""
        svc, actor, month = self._parts.svc, visit.actor, visit.path("month")
        remark = visit.sent.get("remark")
        error = ""
        if visit.post:
            try:
                once(visit, f"access review {month}", remark, lambda unit: access_reviews.close(
                    svc, unit, actor, month, remark
                ))  # fmt: skip
            except Refused as refused:
                if refused.key == "access_log.month":
                    raise Missing from None
                error = self._pages.why(refused)
            else:
                return see(f"{self._parts.base}/access-log")
        try:
            asked = access_reviews.asked_of(month)
        except Refused:
            raise Missing from None

        def look(unit: Unit) -> dict[str, Any]:
            every = access_reviews.listed(unit, actor)
            return {
                "review": next((one for one in every if one.month == month), None),
                "odd": access_log.odd(svc, unit, actor, asked),
                "altered": access_reviews.altered(svc, unit, actor, asked),
                "taken": access_log.taken(unit, actor, asked),
            }

        found = self._parts.store.read(look)
        if found["review"] is None:
            raise Missing
        given, wrong = {"remark": remark}, {"remark": error} if error else {}
        field = plain.field(self._pages, "access_log", "remark", given, wrong, kind="long")
        return self._pages.show(
            visit,
            "access_review.html",
            422 if error else 200,
            fields=[field],
            asked=asked,
            query=urlencode(_query(asked)),
            what_of=self._what,
            command=new_command(visit),
            **found,
        )

    def _why(self, visit: Visit, asked: Asked, reason: str, error: str) -> Response:
        given, wrong = {"reason": reason}, {"reason": error} if error else {}
        field = plain.field(self._pages, "access_log", "reason", given, wrong, kind="long")
        return self._pages.show(
            visit,
            "access_download.html",
            422 if error else 200,
            asked=asked,
            hidden=_query(asked),
            fields=[field],
        )

    def _asked(self, visit: Visit) -> tuple[Asked, dict[str, str]]:
        """Read what is asked for; a day that is none is said, and the last month is shown."""
        sent = {
            name: clean_line(visit.sent.get(name) or visit.asked(name))
            for name in ("since", "until", "login", "number")
        }
        today = seoul_day(self._parts.svc.now())
        until = meant_day(sent["until"]) or today
        since = meant_day(sent["since"]) or until - timedelta(days=SPAN)
        wrong = {
            name: self._pages.text("desk.access_log.error.day")
            for name in ("since", "until")
            if sent[name] and meant_day(sent[name]) is None
        }
        if since > until or since < until - timedelta(days=LONGEST):
            wrong["since"] = self._pages.text("desk.access_log.error.span")
            since = until - timedelta(days=SPAN)
        return Asked(since, until, sent["login"], sent["number"]), wrong

    def _what(self, what: str) -> str:
        return self._pages.maybe(f"access_log.what.{what}") or self._pages.text("access_log.other")

    def _row(self, line: Line) -> list[str | int | None]:
        number = self._pages.text("desk.access_log.hidden") if line.hidden else line.number
        who = f"{line.name} ({line.login})"
        what = self._what(line.what)
        return [sheets.at(line.at), who, line.network, what, number, line.count, line.reason]


def _query(asked: Asked) -> Mapping[str, str]:
    days = {"since": _day(asked.since), "until": _day(asked.until)}
    return days | {"login": asked.login, "number": asked.number}


def _day(day: date) -> str:
    return day.isoformat()
