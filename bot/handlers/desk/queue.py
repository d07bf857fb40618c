"""The list of reports: narrowed by open columns, in an order, a page at a time; own views of it."""

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.errors import Refused
from bot.handlers.desk import plain
from bot.handlers.desk.doing import new_command, once, way
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Missing, Visit, see
from bot.handlers.fields import Choice, Field
from bot.services import external, house, listing, moves, officials, rights, saved, views
from bot.services.listing import Row, Wanted
from bot.services.rights import Right, Scope
from storage.unit import Unit

TABS = ("mine", "new", "open", "closed", "all")
COUNTED = {"mine", "new", "open"}
"""What is open is bounded by what an office can bear; what has ended only grows (S18)."""
HOMES = (
    (Right.QUEUE, "/filings"), (Right.FACTS_SEEN, "/facts"), (Right.USERS, "/admin/users"),
    (Right.APPLY, "/applications"),
)  # fmt: skip


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Queue(parts, pages)
    return [
        reception.page("/", desk.home),
        reception.page("/filings", desk.listed, Right.QUEUE),
        reception.page("/filings/find", desk.find, Right.OPEN),
        reception.page("/filings/views", desk.keep, Right.QUEUE),
        reception.page("/filings/views/{view_id:int}/drop", desk.drop, Right.QUEUE),
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
        """Go to a number: ours as it is said over the telephone, or that of another system.

        The other one may lead to a person: it is looked for only where it came in a form.
        """
        number = (visit.sent.get("number") if visit.post else visit.asked("number"))[:60]

        def look(unit: Unit) -> str:
            by = external.find if visit.post else views.find_by_phone
            return by(unit, visit.actor, number).number

        try:
            found = self._parts.store.read(look)
        except Refused:
            return self._show(visit, self._wanted(visit), unknown=number)
        return see(f"{self._parts.base}/filings/{found}")

    def listed(self, visit: Visit) -> Response:
        return self._show(visit, self._wanted(visit))

    def keep(self, visit: Visit) -> Response:
        """Keep the filter at hand under a name; what was wrong with the name is said beside it."""
        if not visit.post:
            return see(f"{self._parts.base}/filings")
        svc, name = self._parts.svc, visit.sent.get("name")
        wanted = Wanted.read(svc, visit.sent.get, self._first(visit))
        try:
            once(
                visit,
                "view",
                [name, wanted.query()],
                lambda unit: saved.keep(svc, unit, visit.actor, name, wanted),
            )
        except Refused as error:
            return self._show(visit, wanted, view=(name, self._pages.why(error)))
        return see(f"{self._parts.base}/filings?{wanted.query()}")

    def drop(self, visit: Visit) -> Response:
        view_id = int(visit.path("view_id"))
        if visit.post:
            try:
                once(visit, "view_off", view_id, lambda unit: saved.drop(
                    unit, visit.actor, view_id
                ))  # fmt: skip
            except Refused:
                raise Missing from None
        return see(f"{self._parts.base}/filings")

    def _wanted(self, visit: Visit) -> Wanted:
        found = Wanted.read(self._parts.svc, visit.asked, self._first(visit))
        if found.show in self._tabs(visit):
            return found
        return Wanted.read(
            self._parts.svc,
            lambda name: "" if name == "show" else visit.asked(name),
            self._first(visit),
        )

    def _show(
        self,
        visit: Visit,
        wanted: Wanted,
        *,
        unknown: str = "",
        view: tuple[str, str] = ("", ""),
    ) -> Response:
        after = visit.asked("after")[:40]
        size = int(wanted.size)

        def look(unit: Unit) -> tuple[tuple[Row, ...], dict[str, int], dict[str, Any]]:
            svc, actor = self._parts.svc, visit.actor
            rows = listing.rows(svc, unit, actor, wanted, after=after, limit=size + 1)
            counts = {
                tab: listing.count(svc, unit, actor, Wanted(show=tab))
                for tab in self._tabs(visit)
                if tab in COUNTED
            }
            counts["here"] = listing.count(svc, unit, actor, wanted)
            lists: dict[str, Any] = {
                "people": self._people(unit),
                "units": house.unit_rows(unit),
                "views": saved.listed(svc, unit, actor),
                "handlers": moves.context(svc, unit).lookups.all("auditors"),  # type: ignore[attr-defined]
            }
            return rows, counts, lists

        rows, counts, lists = self._parts.store.read(look)
        further = ""
        if len(rows) > size:
            rows = rows[:size]
            further = "?" + wanted.query(after=rows[-1].number)
        return self._pages.show(
            visit,
            "queue.html",
            404 if unknown else 422 if view[1] else 200,
            rows=rows,
            tabs=self._tabs(visit),
            wanted=wanted,
            may_search=rights.may(visit.actor, Right.SEARCH),
            counts={name: self._number(count) for name, count in counts.items()},
            filters=self._filters(wanted, lists["people"], lists["units"]),
            views=lists["views"],
            handlers=lists["handlers"] if rights.may(visit.actor, Right.ASSIGN) else (),
            urges=rights.may(visit.actor, Right.URGE),
            way=way(visit),
            command=new_command(visit),
            further=further,
            first=not after,
            unknown=unknown,
            view_field=plain.field(
                self._pages, "saved", "name", {"name": view[0]}, {"name": view[1]}
            ),
        )

    def _number(self, count: int) -> str:
        return f"{listing.MANY:,}+" if count > listing.MANY else f"{count:,}"

    def _filters(
        self, wanted: Wanted, people: Sequence[officials.Official], units: Sequence[house.UnitRow]
    ) -> list[Field]:
        """Give the fields of the filter; choices of many are lists to pick from."""
        say, svc = self._pages.text, self._parts.svc
        channels = ("web", "telegram", "mail", "phone", "post", "visit", "slack", "kakao")
        named = {
            "procedure": [(one.id, one.title) for one in listing.procedures(svc)],
            "state": [
                (name, self._pages.say(svc.state(of, name)))
                for name, of in listing.states(svc).items()
            ],
            "assignee": [
                (listing.NOBODY, say("desk.queue.nobody")),
                *((str(who.id), who.name) for who in people),
            ],
            "unit": [(row.code, row.name) for row in units],
            "due": [(name, say(f"desk.queue.due.{name}")) for name in listing.DUES],
            "kind": [(name, say(f"field.kind.options.{name}")) for name in listing.kinds(svc)],
            "channel": [
                (name, words)
                for name in channels
                if (words := self._pages.maybe(f"desk.channel.{name}"))
            ],
            "mode": [(name, say(f"desk.mode.{name}")) for name in listing.MODES],
            "order": [(name, say(f"desk.queue.order.{name}")) for name in listing.ORDERS],
            "size": [(name, say("desk.queue.rows", n=int(name))) for name in listing.SIZES],
        }
        must = {"order", "size"}
        found = [
            Field(
                name,
                "lookup",
                say(f"desk.queue.by.{name}"),
                optional=name not in must,
                values=(getattr(wanted, name),),
                options=tuple(Choice(value, label) for value, label in choices),
            )
            for name, choices in named.items()
            if not (name == "assignee" and wanted.show == "mine")
        ]
        for name in ("since", "until"):
            value = (getattr(wanted, name),)
            found.append(
                Field(name, "day", say(f"desk.queue.by.{name}"), optional=True, values=value)
            )
        part = (wanted.number,)
        found.append(
            Field("number", "text", say("desk.queue.by.number"), values=part, optional=True)
        )
        return found

    def _people(self, unit: Unit) -> list[officials.Official]:
        """Give who may have a report, for the filter."""
        handlers = {"auditor", "audit_head"}
        return [who for who in officials.everybody(unit) if who.roles & handlers]

    def _tabs(self, visit: Visit) -> list[str]:
        return [tab for tab in TABS if self._fits(visit, tab)]

    @staticmethod
    def _fits(visit: Visit, tab: str) -> bool:
        if tab == "mine":
            return visit.actor.may("auditor")
        if tab == "new":
            return rights.may(visit.actor, Right.ASSIGN)
        return tab != "open" or _wide(visit)

    @staticmethod
    def _first(visit: Visit) -> str:
        """Give an auditor his own, and whoever hands out or looks on everything."""
        return "open" if _wide(visit) else "mine"


def _wide(visit: Visit) -> bool:
    return rights.scope(visit.actor, Right.QUEUE) not in {Scope.NONE, Scope.OWN}
