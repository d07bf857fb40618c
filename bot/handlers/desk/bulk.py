"""One act on many reports, from the queue or a list of who has left: a handler, a 독촉장."""

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.handlers.desk import plain
from bot.handlers.desk.doing import command_of, new_command, way
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Visit, see
from bot.handlers.fields import Choice
from bot.services import bulk, moves
from bot.services.bulk import Chosen, Result
from bot.services.rights import Right


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Bulk(parts, pages)
    return [
        reception.page("/filings/assign", desk.assign, Right.ASSIGN),
        reception.page("/filings/urge", desk.urge, Right.URGE),
    ]


class _Bulk:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def assign(self, visit: Visit) -> Response:
        """Hand over what was picked; say of each what came of it."""
        if not visit.post:
            return see(f"{self._parts.base}/filings")
        picked, handler = self._picked(visit), visit.sent.get("handler")
        people = {one.value: one.label for one in self._people()}
        wrong = {}
        if not picked:
            wrong["row"] = self._pages.text("desk.bulk.nothing")
        if handler not in people:
            wrong["handler"] = self._pages.text("error.required")
        if wrong:
            return self._form(visit, picked, handler, people, wrong)
        svc, store = self._parts.svc, self._parts.store
        results = bulk.assign(svc, store, visit.actor, command_of(visit), picked, handler)
        caption = self._pages.text("desk.bulk.caption", who=people[handler])
        return self._done(visit, "assign", results, caption)

    def urge(self, visit: Visit) -> Response:
        """Press for what was picked; say of each what came of it."""
        if not visit.post:
            return see(f"{self._parts.base}/filings")
        picked = self._picked(visit)
        if not picked:
            problem = self._pages.text("desk.bulk.nothing")
            return self._show(visit, "urge", 422, problem=problem)
        svc, store = self._parts.svc, self._parts.store
        results = bulk.urge(svc, store, visit.actor, command_of(visit), picked)
        return self._done(visit, "urge", results, self._pages.text("move.urge.name"))

    @staticmethod
    def _picked(visit: Visit) -> list[Chosen]:
        rows = visit.sent.all("row")
        return [one for text in rows if (one := _chosen(text))][: bulk.MOST]

    def _done(self, visit: Visit, act: str, results: Sequence[Result], caption: str) -> Response:
        return self._show(
            visit,
            act,
            results=[self._line(act, one) for one in results],
            failed=sum(one.problem is not None for one in results),
            caption=caption,
            way=way(visit),
        )

    def _show(self, visit: Visit, act: str, status: int = 200, **more: Any) -> Response:
        values: dict[str, Any] = {"act": act, "results": (), "problem": "", **more}
        return self._pages.show(visit, "bulk.html", status, **values)

    def _line(self, act: str, one: Result) -> tuple[str, str, bool]:
        """Say what hindered; what is not there and what one may not see are one."""
        if one.problem is not None:
            return one.number, self._pages.why(one.problem), False
        words = self._pages.text(f"desk.bulk.{act}.before") if one.before else ""
        return one.number, words, True

    def _people(self) -> list[Choice]:
        svc = self._parts.svc
        lists = self._parts.store.read(lambda unit: moves.context(svc, unit)).lookups
        return [Choice(one.value, one.label) for one in lists.all("auditors")]  # type: ignore[attr-defined]

    def _form(
        self,
        visit: Visit,
        picked: list[Chosen],
        handler: str,
        people: dict[str, str],
        wrong: dict[str, str],
    ) -> Response:
        rows = [Choice(f"{one.number} {one.version}", one.number) for one in picked]
        given = {"handler": handler, "row": [row.value for row in rows]}
        fields = [
            plain.field(self._pages, "bulk", "row", given, wrong, kind="many", options=rows),
            plain.field(
                self._pages,
                "bulk",
                "handler",
                given,
                wrong,
                kind="lookup",
                options=[Choice(value, label) for value, label in people.items()],
            ),
        ]
        return self._show(visit, "assign", 422, fields=fields, command=new_command(visit))


def _chosen(text: str) -> Chosen | None:
    """Read what a row's box sends: number and version; anything else was not made by us."""
    number, _, version = text.partition(" ")
    if not number or not version.isascii() or not version.isdecimal() or len(version) > 9:
        return None
    return Chosen(number[:40], int(version))
