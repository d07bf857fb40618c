"""The poster: a code to photograph that leads to the web chat, and the telephone beside it."""

import re

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.documents import receipts as documents
from bot.documents.receipts import Poster
from bot.handlers.desk.files import serve
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Visit
from bot.services.attachments import Opened
from bot.services.rights import Right
from knowledge.calendar import seoul_day

PLACE = re.compile(r"[a-z0-9][a-z0-9-]{0,19}")
"""Where a poster hangs, as short letters: the page it leads to keeps nothing of it."""


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Posters(parts, pages)
    return [
        reception.page("/poster", desk.page, Right.POSTER),
        reception.page("/poster.pdf", desk.pdf, Right.POSTER),
    ]


class _Posters:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def page(self, visit: Visit) -> Response:
        """Ask where it will hang, and offer it."""
        place = visit.asked("from").strip().lower()
        fits = not place or PLACE.fullmatch(place) is not None
        return self._pages.show(
            visit,
            "poster.html",
            200 if fits else 422,
            place=place[:20],
            wrong="" if fits else self._pages.text("desk.poster.bad_place"),
        )

    def pdf(self, visit: Visit) -> Response:
        """Set the poster; without a place, or with one that is none, it leads to the start."""
        place = visit.asked("from").strip().lower()
        mark = f"/?from={place}" if PLACE.fullmatch(place) else "/"
        svc, say = self._parts.svc, self._pages.text
        address = svc.public_url.rstrip("/")
        lines = [say("desk.poster.what"), say("desk.poster.free")]
        if svc.site.measured_minutes is not None:
            lines.append(say("desk.poster.minutes", n=svc.site.measured_minutes))
        made = Poster(
            agency=svc.site.agency,
            title=say("desk.poster.head"),
            url=address + mark,
            shown=address.removeprefix("https://"),
            lines=lines,
            call=say("desk.poster.call"),
            foot=say("desk.poster.foot"),
            issued=seoul_day(svc.now()).isoformat(),
        )
        return serve(
            Opened(say("desk.poster.file"), "application/pdf", documents.poster_pdf(made))
        )
