"""Figures for everybody, where the agency publishes them: a table and its picture."""

from asyncio import to_thread
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from bot.dialogs.replies import Phrase
from bot.documents import charts
from bot.documents.charts import Chart, Series
from bot.handlers.chat.parts import WebParts
from bot.handlers.chat.problems import Trouble
from bot.handlers.chat.scenery import Page, Scenery
from bot.services.figures import PUBLIC, WHOLE, Middle
from bot.services.publishing import Published


def pages(parts: WebParts, scenery: Scenery) -> list[tuple[str, Page, list[str]]]:
    """Give the page and its picture; both are not there where nothing is published."""
    page = _Statistics(parts, scenery)
    return [
        ("/statistics", page.show, ["GET"]),
        ("/statistics.png", page.picture, ["GET"]),
    ]


@dataclass
class _Statistics:
    parts: WebParts
    scenery: Scenery
    drawn: dict[str, tuple[datetime, bytes]] = field(default_factory=dict)

    async def show(self, request: Request) -> Response:
        told = await self._published()
        lang = self.scenery.lang(request)
        values = {
            "page": "statistics",
            "told": told,
            "whole": WHOLE,
            "columns": PUBLIC,
            "words": self._words(lang),
            "alt": self._alt(told, lang),
        }
        return self.scenery.draw(request, "statistics", values)

    async def picture(self, request: Request) -> Response:
        """Draw the months once for a language; what is published changes once a month."""
        told, lang = await self._published(), self.scenery.lang(request)
        known = self.drawn.get(lang)
        if known is None or known[0] != told.made_at:
            made = await to_thread(charts.png, self._chart(told, lang))
            known = self.drawn[lang] = (told.made_at, made)
        return Response(known[1], media_type=charts.MIME)

    async def _published(self) -> Published:
        found = await to_thread(self.parts.back.published)
        if found is None:
            raise Trouble("missing")
        return found

    def _words(self, lang: str) -> Any:
        """Give how a line is called, and how days are written."""
        say = self.parts.say(lang)

        def words(of: str, name: str) -> str:
            if name == WHOLE:
                return say(Phrase("published.whole"))
            if of == "months":
                return say(Phrase("published.month", {"year": name[:4], "month": int(name[5:])}))
            if of == "procedures":
                return say(Phrase(f"{name}.title"))
            key = f"outcome.{name}"
            return say(Phrase(key)) if self.parts.texts.has(key) else name

        def days(one: Middle | None) -> str:
            if one is None:
                return say(Phrase("published.hidden"))
            if one.law is None or one.calendar is None:
                return say(Phrase("published.none"))
            both = {"law": _plain(one.law), "calendar": _plain(one.calendar)}
            return say(Phrase("published.days", both))

        return {"name": words, "days": days}

    def _chart(self, told: Published, lang: str) -> Chart:
        words, say = self._words(lang)["name"], self.parts.say(lang)
        months = [name for name in told.months if name != WHOLE]
        values = tuple(told.months[name].counts["done"] for name in months)
        title, note = say(Phrase("published.chart")), say(Phrase("published.chart_note"))
        line = Series(say(Phrase("published.column.done")), values)
        return Chart("bars", title, tuple(words("months", name) for name in months), (line,), note)

    def _alt(self, told: Published, lang: str) -> str:
        chart = self._chart(told, lang)
        hide = self.parts.say(lang)(Phrase("published.hidden"))
        (line,) = chart.series
        lines = [
            f"{name}: {hide if n is None else n}"
            for name, n in zip(chart.labels, line.values, strict=True)
        ]
        return self.parts.say(lang)(
            Phrase("published.alt", {"title": chart.title, "lines": " / ".join(lines)})
        )


def _plain(n: float) -> str:
    return f"{n:g}"
