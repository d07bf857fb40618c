"""A report on paper: always without who reported (wording.md §13)."""

from dataclasses import replace

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.errors import Refused
from bot.handlers.desk.pages import ACTORS, Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.story import Story
from bot.handlers.desk.visit import Missing, Visit, see
from bot.services import house, reporter, views
from bot.services.views import FilingView
from storage.unit import Unit


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Paper(parts, pages)
    return [reception.page("/filings/{number}/print", desk.page, *ACTORS)]


class _Paper:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages
        self._story = Story(parts, pages)

    def page(self, visit: Visit) -> Response:
        """Show the report for printing; the reporter's name and addresses are taken out."""
        svc, number = self._parts.svc, visit.path("number")

        def work(unit: Unit) -> tuple[FilingView, reporter.Veil]:
            view = views.view(svc, unit, visit.actor, number)
            return view, reporter.printed(svc, unit, visit.actor, number)

        try:
            view, veil = self._parts.store.transact(work, f"desk-print:{svc.random(16).hex()}")
        except Refused as error:
            if error.key == "conflict.ask":
                return see(f"{self._parts.base}/filings/{number}")
            raise Missing from None
        units = {row.id: row for row in self._parts.store.read(house.unit_rows)}
        told = self._story.of(view, units)
        report = [replace(item, value=veil.over(item.value)) for item in told.report]
        talk = [replace(said, text=veil.over(said.text)) for said in told.talk]
        history = [
            replace(
                line,
                items=tuple(replace(one, value=veil.over(one.value)) for one in line.items),
            )
            for line in told.history
        ]
        return self._pages.show(
            visit,
            "print.html",
            view=view,
            row=view.row,
            story=replace(told, report=tuple(report), talk=tuple(talk), history=tuple(history)),
        )
