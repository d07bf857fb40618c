"""Statistics: figures with their pictures and tables, and the tables as files."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.documents import charts, sheets
from bot.handlers.desk.files import serve
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Missing, Visit
from bot.handlers.fields import Choice, Field
from bot.services import listing, statistics, tabulating
from bot.services.attachments import Opened
from bot.services.figures import BY
from bot.services.rights import Right
from bot.services.statistics import NOBODY, Report, Wanted
from bot.services.tabulating import Told

FRESH = timedelta(minutes=2)
"""So long the pictures of a page are drawn from the figures that the page was made of."""

KEPT = 20
TILES = ("received", "open", "overdue", "done", "late")


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Statistics(parts, pages)
    return [
        reception.page("/statistics", desk.page, Right.STATISTICS),
        reception.page("/statistics/pictures/{name}", desk.picture, Right.STATISTICS),
        reception.page("/statistics/files/{name}", desk.file, Right.STATISTICS),
    ]


@dataclass
class _Kept:
    """The last few reports, each for the official it was made for; a picture asks a moment later."""

    now: Callable[[], datetime]
    reports: dict[tuple[int | None, str], Report] = field(default_factory=dict)

    def get(self, who: int | None, wanted: Wanted) -> Report | None:
        found = self.reports.get((who, wanted.query()))
        return found if found is not None and self.now() - found.made_at < FRESH else None

    def put(self, who: int | None, report: Report) -> None:
        self.reports[who, report.wanted.query()] = report
        while len(self.reports) > KEPT:
            self.reports.pop(next(iter(self.reports)))


class _Statistics:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages
        self._kept = _Kept(parts.svc.now)

    def page(self, visit: Visit) -> Response:
        report = self._report(visit)
        svc = self._parts.svc
        whole = report.whole
        asked = {"asked": f"{whole.asked:,}", "met": f"{whole.met:,}"}
        met = "statistics.met" if whole.asked else "statistics.nobody_asked"
        return self._pages.show(
            visit,
            "statistics.html",
            report=report,
            wanted=report.wanted,
            tables=self._tables(report),
            pictures=tabulating.drawn(svc, report),
            tiles=[
                *((name, f"{getattr(whole, name):,}") for name in TILES),
                ("read", tabulating.middle(svc, whole.read)),
                ("result", tabulating.middle(svc, whole.result)),
                ("met", self._pages.text(met, **asked if whole.asked else {})),
            ],
            filters=self._filters(report),
        )

    def _tables(self, report: Report) -> tuple[Told, ...]:
        """Give the tables in the order of the page; those with nothing in them are left out."""
        svc = self._parts.svc
        first = tabulating.parts(svc, report) if report.whole.received else ()
        others = (
            tabulating.outcomes(svc, report),
            tabulating.dialogs(svc, report),
            tabulating.stops(svc, report),
        )
        return (*first, *(one for one in others if one.rows))

    def picture(self, visit: Visit) -> Response:
        """Draw one chart of the page."""
        wanted = Wanted.read(self._parts.svc, visit.asked)
        report = self._kept.get(visit.actor.user_id, wanted) or self._report(visit)
        note = self._pages.text("statistics.made", at=report.made_at.isoformat())
        name = visit.path("name").removesuffix(".png")
        for one in tabulating.drawn(self._parts.svc, report, note):
            if one.name == name:
                return Response(charts.png(one.chart), media_type=charts.MIME)
        raise Missing

    def file(self, visit: Visit) -> Response:
        """Hand the tables over: all of them as a book, or the first one in lines."""
        ending = visit.path("name").rpartition(".")[2]
        if ending not in {"csv", "xlsx"}:
            raise Missing
        report = self._report(visit)
        svc, wanted = self._parts.svc, report.wanted
        tables = tabulating.tables(svc, report)
        name = self._pages.text("statistics.file", since=wanted.since, until=wanted.until)
        if ending == "csv":
            data = sheets.lines(tables[0].head, tables[0].lines)
            return serve(Opened(f"{name}.csv", sheets.CSV_MIME, data))
        data = sheets.book((one.title, one.head, one.lines) for one in self._leaves(tables))
        return serve(Opened(f"{name}.xlsx", sheets.MIME, data))

    def _leaves(self, tables: tuple[Told, ...]) -> tuple[Told, ...]:
        """Add what the figures mean: a file is read without the page."""
        say = self._pages.text
        meant = [(say(f"statistics.{one}"),) for one in ("text", "counting", "dialogs_text")]
        return (
            *tables,
            Told("notes", say("statistics.notes"), (say("statistics.title"),), tuple(meant)),
        )

    def _report(self, visit: Visit) -> Report:
        svc = self._parts.svc
        wanted = Wanted.read(svc, visit.asked)
        # A year is long to read; but who is kept out since a moment ago is in no sum of his (S8).
        made = self._parts.store.stale(
            lambda unit: statistics.report(svc, unit, visit.actor, wanted), current=True
        )
        self._kept.put(visit.actor.user_id, made)
        return made

    def _filters(self, report: Report) -> list[Field]:
        say, wanted = self._pages.text, report.wanted
        units = [(code, name) for code, name in report.units.items() if code]
        named: dict[str, list[tuple[str, str]]] = {
            "procedure": [(one.id, one.title) for one in listing.procedures(self._parts.svc)],
            "unit": [*units, (NOBODY, say("statistics.no_unit"))],
        }
        found = [
            Field(
                name, "text", say(f"statistics.{name}"), say("statistics.month_hint"),
                values=(getattr(wanted, name),), max=7,
            )
            for name in ("since", "until")
        ]  # fmt: skip
        found += [
            self._choice(name, say(f"statistics.{name}"), options, wanted)
            for name, options in named.items()
        ]
        by = Field(
            "by", "choice", say("statistics.group"), values=(wanted.by,),
            options=tuple(Choice(one, say(f"statistics.by.{one}")) for one in BY),
        )  # fmt: skip
        return [*found, by]

    @staticmethod
    def _choice(name: str, label: str, options: list[tuple[str, str]], wanted: Any) -> Field:
        return Field(
            name, "lookup", label, optional=True, values=(getattr(wanted, name),),
            options=tuple(Choice(value, words) for value, words in options),
        )  # fmt: skip
