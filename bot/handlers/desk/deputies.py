"""대직: who acts for whom in which days, setting it and ending it."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.errors import Refused
from bot.handlers.desk import plain
from bot.handlers.desk.doing import new_command, once
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import LONGEST_ID, Missing, Visit, see
from bot.handlers.fields import Choice
from bot.services import deputies, officials
from bot.services.officials import Official
from bot.services.rights import Right
from knowledge.korean import meant_day
from storage.unit import Unit

FIELDS = {
    "deputy.self": "deputy", "deputy.apart": "deputy", "deputy.unit": "deputy",
    "deputy.roles": "deputy", "deputy.away": "deputy", "deputy.days": "first",
    "deputy.taken": "person", "deputy.circle": "person",
}  # fmt: skip
"""Beside which field a refusal is said."""


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Deputies(parts, pages)
    return [
        reception.page("/deputies", desk.page, Right.DEPUTIES),
        reception.page("/deputies/{deputy_id:int}/end", desk.end, Right.DEPUTIES),
    ]


class _Deputies:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def page(self, visit: Visit) -> Response:
        """Show what runs and what comes; set a new one."""
        if not visit.post:
            return self._show(visit, {"person": str(visit.actor.user_id)}, {})
        names = ("person", "deputy", "first", "last")
        given: dict[str, Any] = {name: visit.sent.get(name).strip() for name in names}
        wrong = plain.empty(self._pages, given, *names)
        first, last = meant_day(given["first"]), meant_day(given["last"])
        for name, day in (("first", first), ("last", last)):
            if day is None:
                wrong.setdefault(name, self._pages.text("error.day"))
        person, deputy = _id(given["person"]), _id(given["deputy"])
        if wrong or first is None or last is None:
            return self._show(visit, given, wrong)
        try:
            once(visit, "deputy", given, lambda unit: deputies.put(
                self._parts.svc, unit, visit.actor, person, deputy, first, last
            ))  # fmt: skip
        except Refused as error:
            field = FIELDS.get(error.key, "deputy")
            return self._show(visit, given, {field: self._pages.why(error)})
        return see(f"{self._parts.base}/deputies")

    def end(self, visit: Visit) -> Response:
        deputy_id = int(visit.path("deputy_id"))
        if visit.post:
            try:
                once(visit, "deputy_end", deputy_id, lambda unit: deputies.end(
                    self._parts.svc, unit, visit.actor, deputy_id
                ))  # fmt: skip
            except Refused:
                raise Missing from None
        return see(f"{self._parts.base}/deputies")

    def _show(self, visit: Visit, given: dict[str, Any], wrong: dict[str, str]) -> Response:
        svc = self._parts.svc

        def look(unit: Unit) -> Any:
            known = [one for one in officials.everybody(unit) if one.active]
            found = deputies.listed(svc, unit, visit.actor)
            return found, deputies.whom(unit, visit.actor), known

        rows, whom, everybody = self._parts.store.read(look)
        fields = [
            self._people("person", given, wrong, whom),
            self._people("deputy", given, wrong, everybody),
            plain.field(self._pages, "deputy", "first", given, wrong, kind="day"),
            plain.field(self._pages, "deputy", "last", given, wrong, kind="day"),
        ]
        return self._pages.show(
            visit,
            "deputies.html",
            422 if wrong else 200,
            rows=rows,
            fields=fields,
            command=new_command(visit),
        )

    def _people(
        self, name: str, given: dict[str, Any], wrong: dict[str, str], people: list[Official]
    ) -> Any:
        options = [
            Choice(str(who.id), f"{who.unit} {who.name} ({who.login})".strip()) for who in people
        ]
        return plain.field(
            self._pages, "deputy", name, given, wrong, kind="lookup", options=options
        )


def _id(text: str) -> int:
    return int(text[:LONGEST_ID]) if text.isdecimal() and text.isascii() else 0
