"""The list of reports: by due date, filtered, a page at a time."""

from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.errors import Refused
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import LONGEST_ID, Missing, Visit, see
from bot.services import officials, rights, views
from bot.services.rights import Right
from bot.services.views import Row
from storage.unit import Unit

PAGE = 50
TABS = ("mine", "new", "open", "closed")
HOMES = (
    (Right.QUEUE, "/filings"), (Right.FACTS, "/facts"), (Right.USERS, "/admin/users"),
)  # fmt: skip


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Queue(parts, pages)
    return [
        reception.page("/", desk.home),
        reception.page("/filings", desk.listed, Right.QUEUE),
        reception.page("/filings/find", desk.find, Right.OPEN),
    ]


class _Queue:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def home(self, visit: Visit) -> Response:
        """Send everybody to where his work is."""
        for right, path in HOMES:
            if rights.may(visit.actor, right):
                return see(self._parts.base + path)
        raise Missing

    def find(self, visit: Visit) -> Response:
        """Go to the number that somebody says over the telephone."""
        number = visit.asked("number")[:40]

        def look(unit: Unit) -> str:
            return views.find_by_phone(unit, visit.actor, number).number

        try:
            found = self._parts.store.read(look)
        except Refused:
            return self._show(visit, unknown=number)
        return see(f"{self._parts.base}/filings/{found}")

    def listed(self, visit: Visit) -> Response:
        return self._show(visit)

    def _show(self, visit: Visit, unknown: str = "") -> Response:
        show = visit.asked("show")
        tabs = [tab for tab in TABS if self._fits(visit, tab)]
        show = show if show in tabs else self._first(visit)
        state, assignee, after = (visit.asked(name) for name in ("state", "assignee", "after"))
        states = self._states()
        state = state if state in states else ""
        rows, people = self._parts.store.read(
            lambda unit: (
                self._rows(visit, unit, show, state, assignee, after),
                self._people(unit),
            )
        )
        kept = {"show": show, "state": state, "assignee": assignee}
        further = ""
        if len(rows) > PAGE:
            rows = rows[:PAGE]
            further = "?" + urlencode({**kept, "after": rows[-1].number})
        return self._pages.show(
            visit,
            "queue.html",
            404 if unknown else 200,
            rows=rows,
            people=people,
            tabs=tabs,
            show=show,
            state=state,
            states=states,
            assignee=assignee,
            further=further,
            first=not after,
            unknown=unknown,
        )

    def _rows(
        self, visit: Visit, unit: Unit, show: str, state: str, assignee: str, after: str
    ) -> tuple[Row, ...]:
        return views.queue(
            self._parts.svc,
            unit,
            visit.actor,
            state=state,
            mine=show == "mine",
            closed=show == "closed",
            nobody=show == "new",
            assignee=int(assignee[:LONGEST_ID])
            if assignee.isdecimal() and show != "mine"
            else None,
            after=after[:40],
            limit=PAGE + 1,
        )

    def _people(self, unit: Unit) -> list[officials.Official]:
        """Give who may have a report, for the filter."""
        handlers = {"auditor", "audit_head"}
        return [who for who in officials.everybody(unit) if who.roles & handlers]

    def _states(self) -> tuple[str, ...]:
        every = [name for one in self._parts.svc.procedures.values() for name in one.states]
        return tuple(dict.fromkeys(every))

    @staticmethod
    def _fits(visit: Visit, tab: str) -> bool:
        if tab == "mine":
            return visit.actor.may("auditor")
        if tab == "new":
            return visit.actor.may("intake", "audit_head")
        return tab == "closed" or visit.actor.may("intake", "audit_head", "inspector")

    @staticmethod
    def _first(visit: Visit) -> str:
        """Give an auditor his own, and whoever hands out or looks on everything."""
        return "open" if visit.actor.may("intake", "audit_head", "inspector") else "mine"
